//! What holds a chart's values in a repository.

/// One way to hold values.
pub(super) struct Carrier {
    pub(super) name: &'static str,
    /// What stands around the values.
    pub(super) manifest: &'static str,
    /// Where the values are in it, once wired.
    pub(super) values: &'static str,
}

/// `CHART`, `VERSION`, `RELEASE` and `NAMESPACE` stand for the case's; the values follow at the end, two columns further in.
pub(super) const CARRIERS: &[Carrier] = &[
    Carrier {
        name: "Application, valuesObject",
        manifest: "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: RELEASE, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: NAMESPACE}
  source:
    repoURL: https://charts.example.com
    chart: CHART
    targetRevision: VERSION
    helm:
      valuesObject:
",
        values: "/spec/source/helm/valuesObject",
    },
    Carrier {
        name: "Application, values",
        manifest: "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: RELEASE, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: NAMESPACE}
  sources:
  - repoURL: https://charts.example.com
    chart: CHART
    targetRevision: VERSION
    helm:
      values: |
",
        values: "/spec/sources/0/helm/values",
    },
    Carrier {
        name: "HelmChart",
        manifest: "\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: RELEASE, namespace: kube-system}
spec:
  targetNamespace: NAMESPACE
  chart: CHART
  valuesContent: |-
",
        values: "/spec/valuesContent",
    },
    Carrier {
        name: "HelmRelease",
        manifest: "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: RELEASE, namespace: NAMESPACE}
spec:
  chart: {spec: {chart: CHART, sourceRef: {kind: HelmRepository, name: charts}}}
  values:
",
        values: "/spec/values",
    },
    Carrier {
        name: "HelmChartConfig",
        manifest: "\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: RELEASE, namespace: kube-system}
spec: {targetNamespace: NAMESPACE, chart: CHART}
---
apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata: {name: RELEASE, namespace: kube-system}
spec:
  valuesContent: |
",
        values: "/spec/valuesContent",
    },
    Carrier {
        name: "HelmRelease, valuesFrom",
        manifest: "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: RELEASE, namespace: NAMESPACE}
spec:
  chart: {spec: {chart: CHART, sourceRef: {kind: HelmRepository, name: charts}}}
  valuesFrom: [{kind: ConfigMap, name: values}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: values, namespace: NAMESPACE}
data:
  values.yaml: |
",
        values: "/data/values.yaml",
    },
    Carrier {
        name: "Kustomization",
        manifest: "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: NAMESPACE
helmCharts:
- name: CHART
  releaseName: RELEASE
  namespace: NAMESPACE
  valuesInline:
",
        values: "/helmCharts/0/valuesInline",
    },
];
