//! Lists as kpt and Helm make them: Deployments with comments in both list styles, ConfigMaps with YAML inside, Secrets,
//! roles, Services and big definitions; the same for the same number of items.

use std::fmt::Write;

/// The function's configuration: trust in every Deployment that wants it, which is every third item or so.
const CONFIG: &str = "\
functionConfig:
  apiVersion: sso.kidd.network/v1alpha1
  kind: PrivateSSO
  metadata:
    name: bench
  spec:
    issuer: https://dex.lab.example
    trust:
      configMap:
        name: lab-ca
      workloads:
      - kind: Deployment
        labelSelector: ca=inject
        runtime: go
";

/// A `ResourceList` with so many items.
pub fn list(items: usize) -> String {
    let mut out = String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
    for number in 0..items {
        item(number, &mut out);
    }
    out + CONFIG
}

/// A `ResourceList` of Deployments alone, as small as they get.
pub fn small(items: usize) -> String {
    let mut out = String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
    for n in 0..items {
        let _ = write!(
            out,
            "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: small-{n}\n    namespace: team-{}\n    labels:\n      app: small-{n}\n  spec:\n    selector:\n      matchLabels:\n        app: small-{n}\n    template:\n      metadata:\n        labels:\n          app: small-{n}\n      spec:\n        containers:\n        - name: main\n          image: registry.example/small:1.{}.0\n          ports:\n          - containerPort: 8080\n",
            n % 50,
            n % 9
        );
    }
    out + CONFIG
}

/// The items as one stream of documents, for tools that read files.
pub fn stream(items: usize) -> String {
    let mut out = String::new();
    for number in 0..items {
        let mut own = String::new();
        item(number, &mut own);
        for line in own.lines() {
            let line = line.strip_prefix("- ").or(line.strip_prefix("  ")).unwrap_or(line);
            let _ = writeln!(out, "{line}");
        }
        out.push_str("---\n");
    }
    out
}

fn item(number: usize, out: &mut String) {
    match number % 100 {
        0..35 => deployment(number, out),
        35..60 => config_map(number, out),
        60..75 => secret(number, out),
        75..85 => role(number, out),
        99 if number % 300 == 299 => definition(number, out),
        _ => service(number, out),
    }
}

fn head(api: &str, kind: &str, name: &str, n: usize, labels: &str, out: &mut String) {
    let _ = write!(
        out,
        "- apiVersion: {api}\n  kind: {kind}\n  metadata:\n    name: {name}-{n}\n    namespace: team-{}\n    annotations:\n      config.kubernetes.io/index: '{}'\n      internal.config.kubernetes.io/path: team-{}/{name}-{n}.yaml\n    labels:\n      app.kubernetes.io/name: {name}-{n}\n{labels}",
        n % 50,
        n % 7,
        n % 50
    );
}

fn deployment(n: usize, out: &mut String) {
    head("apps/v1", "Deployment", "web", n, "      ca: inject # the private CA\n", out);
    // The list style changes from one to the next; so do the number of variables and of volumes.
    let dash = if n.is_multiple_of(2) { "" } else { "  " };
    let _ = write!(
        out,
        "  spec:\n    replicas: {}\n    # Rolled over one at a time.\n    strategy:\n      type: RollingUpdate\n      rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}\n    selector:\n      matchLabels:\n        app.kubernetes.io/name: web-{n}\n    template:\n      metadata:\n        annotations:\n          prometheus.io/scrape: \"true\"\n          prometheus.io/port: \"9090\"\n        labels:\n          app.kubernetes.io/name: web-{n}\n      spec:\n        serviceAccountName: web\n        securityContext:\n          runAsNonRoot: true\n          seccompProfile:\n            type: RuntimeDefault\n        containers:\n",
        1 + n % 4
    );
    let _ = write!(
        out,
        "        {dash}- name: web\n          {dash}image: registry.example/web:1.{}.{} # kept by the release job\n          {dash}args: [\"--listen=:8080\", \"--log-level=info\"]\n          {dash}env:\n",
        n % 9,
        n % 13
    );
    for variable in 0..4 + n % 9 {
        let _ = write!(
            out,
            "          {dash}- name: SETTING_{variable}\n            {dash}value: \"value {variable} of {n}\"\n"
        );
    }
    let _ = write!(
        out,
        "          {dash}- name: PASSWORD\n            {dash}valueFrom:\n              {dash}secretKeyRef:\n                {dash}name: web-{n}\n                {dash}key: password\n          {dash}ports:\n          {dash}- containerPort: 8080\n            {dash}name: http\n          {dash}readinessProbe:\n            {dash}httpGet:\n              {dash}path: /ready\n              {dash}port: http\n          {dash}resources:\n            {dash}requests: {{cpu: 100m, memory: 128Mi}}\n            {dash}limits:\n              {dash}memory: 256Mi\n          {dash}volumeMounts:\n          {dash}- name: data\n            {dash}mountPath: /var/lib/web\n          {dash}- name: tmp\n            {dash}mountPath: /tmp\n        volumes:\n        {dash}- name: data\n          {dash}persistentVolumeClaim:\n            {dash}claimName: web-{n}\n        {dash}- name: tmp\n          {dash}emptyDir: {{}}\n"
    );
}

fn config_map(n: usize, out: &mut String) {
    head("v1", "ConfigMap", "settings", n, "", out);
    let _ = write!(
        out,
        "  data:\n    # Read once, at start.\n    app.yaml: |\n      server:\n        listen: :8080\n        hosts:\n"
    );
    for host in 0..6 + n % 20 {
        let _ = write!(
            out,
            "          - name: host-{host}.team-{}.lab.example   # number {host}\n            weight: {}\n",
            n % 50,
            host * 3 + 1
        );
    }
    let _ = write!(
        out,
        "      log: {{level: info, format: json}}\n    motd: >-\n      Welcome to instance {n}. Everything that is written here\n      is folded to one line by whoever reads it.\n    features.json: '{{\"dark\": true, \"beta\": [{n}, 2, 3]}}'\n    escaped: \"first: 1\\n  second:   2   \\nthird: {n}\\n\"\n"
    );
}

fn secret(n: usize, out: &mut String) {
    head("v1", "Secret", "web", n, "", out);
    let _ = write!(
        out,
        "  type: Opaque\n  data:\n    password: cGFzc3dvcmQtb2YtYW4tZXhhbXBsZS0{:08}=\n    token: bm90LWEtdG9rZW4tYnV0LWFzLWxvbmctYXMtb25lLXdvdWxkLWJlLWluLXJlYWxpdHk=\n",
        n
    );
}

fn role(n: usize, out: &mut String) {
    head("rbac.authorization.k8s.io/v1", "Role", "reader", n, "", out);
    out.push_str("  rules:\n");
    for group in ["\"\"", "apps", "batch", "networking.k8s.io"] {
        let _ = write!(
            out,
            "  - apiGroups: [{group}]\n    resources: [pods, deployments, jobs, ingresses]\n    verbs:\n    - get\n    - list\n    - watch\n"
        );
    }
}

fn service(n: usize, out: &mut String) {
    head("v1", "Service", "web", n, "", out);
    let _ = write!(
        out,
        "  spec:\n    type: ClusterIP\n    selector:\n      app.kubernetes.io/name: web-{n}\n    ports:\n    - name: http\n      port: 80\n      targetPort: http\n    - {{name: metrics, port: 9090, targetPort: 9090}}\n"
    );
}

fn definition(n: usize, out: &mut String) {
    let _ = write!(
        out,
        "- apiVersion: apiextensions.k8s.io/v1\n  kind: CustomResourceDefinition\n  metadata:\n    name: things{n}.lab.example\n  spec:\n    group: lab.example\n    names: {{kind: Thing{n}, plural: things{n}}}\n    scope: Namespaced\n    versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          properties:\n"
    );
    for field in 0..400 {
        let _ = write!(
            out,
            "            field{field}:\n              description: |-\n                Field {field} says how much of it there is, and is checked by the server.\n\n                It may be left out.\n              format: int64\n              maximum: {}\n              minimum: 0\n              type: integer\n",
            field * 10 + 1
        );
    }
}
