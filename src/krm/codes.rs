//! Every code a finding can have. Names are API: `checks.disabled` refers to them.

use super::Severity::{self, Error, Info, Warning};

/// What must hold, as a stable name.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `redirect-uri-is-registered`.
    pub name: &'static str,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// One sentence: what must hold, and why.
    pub summary: &'static str,
}

macro_rules! codes {
    ($($ident:ident $name:literal $severity:ident $summary:literal)*) => {
        $(#[doc = $summary] pub static $ident: Code = Code { name: $name, severity: $severity, summary: $summary };)*
        /// All codes, by name.
        pub static CODES: &[&Code] = &[$(&$ident),*];
    };
}

codes! {
    ACCESS_IS_NAMED "access-is-named" Info
        "A role in Argo CD's policy, or by a binding of private-sso, should be one that `access` names; nothing is ever revoked."
    API_SERVER_ACCEPTS_CLIENT "api-server-accepts-client" Error
        "The API server must accept the client id of an app that passes tokens on to it, from the same issuer."
    API_SERVER_KNOWS_ISSUER "api-server-knows-issuer" Info
        "Headlamp forwards the user's ID token, so the API server must trust the same issuer and accept the client id as audience; otherwise the login loops with 401."
    APP_HAS_THE_SETTING "app-has-the-setting" Warning
        "A setting can only be given to an app that is new enough to read it."
    APP_IS_UNAMBIGUOUS "app-is-unambiguous" Error
        "A client must match one instance of its app; `namespace` or `workload` tells several apart."
    APP_TAKES_SETTING "app-takes-setting" Error
        "A value can only be written where the app, in the mode its manifests are in, reads it."
    BUNDLE_HOLDS_THE_CERTIFICATE "bundle-holds-the-certificate" Warning
        "The mounted ConfigMap or Secret must hold the certificates of `trust.certificate`; OpenSSL looks for their names in it."
    BUNDLED_CLIENT_IS_DERIVED "bundled-client-is-derived" Error
        "The clients that Argo CD gives its own Dex must not be registered again; their secret is derived."
    BUNDLED_DEX_HAS_CONNECTORS "bundled-dex-has-connectors" Error
        "The Dex that Argo CD runs itself must have a connector; Argo CD takes a configuration without any for malformed."
    CA_FILE_IS_THERE "ca-file-is-there" Warning
        "A file that a setting names as a CA must be mounted, and be a key of its source."
    CA_MOUNT_IS_RENEWED "ca-mount-is-renewed" Info
        "A CA should be mounted as a folder; by subPath it is never renewed."
    CALLBACK_URL_IS_EXPLICIT "callback-url-is-explicit" Warning
        "Headlamp must be told its callback URL where a proxy ends TLS before it."
    CERTIFICATE_IS_A_CA "certificate-is-a-ca" Warning
        "What every client is told to trust must be the certificate of a CA, not that of a server."
    CERTIFICATE_IS_VALID "certificate-is-valid" Warning
        "A CA in the manifests must not have expired, and must hold no private key."
    CERTIFICATE_NAMES_THE_HOST "certificate-names-the-host" Error
        "A certificate must name the host that it is served at."
    CERTIFICATES_ARE_VERIFIED "certificates-are-verified" Warning
        "Apps must verify the issuer's certificate, and Dex those of its connectors."
    CHANGE_IS_A_PATCH "change-is-a-patch" Error
        "What `emit` writes must be a patch that kustomize can apply: to a resource of the build, of which there is one under the name."
    CHART_HAS_THE_KEY "chart-has-the-key" Warning
        "A value can only be given to a chart that is new enough to have the key; an older one ignores it in silence."
    CLI_REDIRECT_IS_REGISTERED "cli-redirect-is-registered" Warning
        "The client of a command line must have the loopback redirect URIs that the command listens on."
    CLIENT_ID_IS_UNIQUE "client-id-is-unique" Error
        "A client id must be registered once; of several the last one counts, silently."
    CLIENT_IS_COMPLETE "client-is-complete" Error
        "A static client must have a name, an id and a secret, or be public; Dex does not start otherwise."
    CLIENT_IS_NAMED "client-is-named" Info
        "A client that is registered in the document's Dex should be one that the document names."
    CLIENT_IS_OF_ONE_APP "client-is-of-one-app" Info
        "Each app must have a client of its own, unless it passes tokens on to the API server."
    CLIENT_IS_REGISTERED "client-is-registered" Error
        "The client id that an app uses must be registered in the Dex whose issuer it is told."
    CLIENT_IS_USED "client-is-used" Info
        "A client that is registered in Dex must have an app that uses it."
    CLIENT_SECRET_IS_A_REFERENCE "client-secret-is-a-reference" Warning
        "A client secret should come from a Secret by reference; in clear text everybody who reads the manifests has it."
    CLIENT_SECRET_IS_CLEAN "client-secret-is-clean" Warning
        "A client secret must have no white space around it."
    CLIENT_SECRET_IS_NO_SAMPLE "client-secret-is-no-sample" Warning
        "Secrets and passwords must not be those of Dex's examples."
    CLIENT_SECRET_IS_NO_VARIABLE "client-secret-is-no-variable" Error
        "A static client's secret must be the secret, not a reference to a variable, which Dex does not expand there."
    CLIENT_SECRET_IS_SHARED "client-secret-is-shared" Error
        "An app and Dex must have the same client secret: from one origin, or with equal values."
    CLIENT_TYPE_FITS_APP "client-type-fits-app" Error
        "A client must be public where its app has no secret, and have a secret where its app sends one."
    CLIENT_URL_IS_ROUTED "client-url-is-routed" Info
        "Something must route the address of each client of the document."
    CONNECTOR_GIVES_GROUPS "connector-gives-groups" Warning
        "Where apps ask Dex for groups, its connectors must bring some."
    CONNECTOR_IS_TRUSTED "connector-is-trusted" Warning
        "Dex must trust the CA of each provider that a connector asks."
    CONTAINER_IS_KNOWN "container-is-known" Error
        "The app's container must be found by its name, its image, or be the only one."
    DEX_CONFIG_IS_IN_INPUT "dex-config-is-in-input" Info
        "The configuration that Dex mounts must be in the input to be wired; one that is made elsewhere is not seen."
    DEX_CONFIG_IS_READABLE "dex-config-is-readable" Error
        "The Dex configuration must be YAML as it stands, so that a client can be added without guessing."
    DEX_ISSUER_IS_OURS "dex-issuer-is-ours" Error
        "Dex must have exactly the document's issuer, byte for byte; clients compare the two strings."
    DOCUMENT_IS_READABLE "document-is-readable" Warning
        "Every document must be YAML that Kubernetes can read; one that is not is passed on untouched."
    DOCUMENT_IS_RIGHT "document-is-right" Error
        "The PrivateSSO document must fit its schema and not contradict itself."
    ENDPOINTS_ARE_BELOW_ISSUER "endpoints-are-below-issuer" Error
        "Endpoints that an app is told one by one must be Dex's: the issuer with /auth, /token and /userinfo."
    EXTERNAL_SECRET_IS_COMPLETE "external-secret-is-complete" Warning
        "What Headlamp's chart reads from an external Secret must be in it, and switched on."
    FIELD_EXISTS "field-exists" Warning
        "A field must be one that the app reads; an unknown one is ignored silently."
    GATEWAY_SERVES_OUR_HOSTS "gateway-serves-our-hosts" Warning
        "A Gateway must serve hosts of this document only to be given an issuer; certificates of foreign hosts are somebody else's."
    GIT_HOST_IS_TRUSTED "git-host-is-trusted" Warning
        "An app that clones over HTTPS must have the CA for each private host in a ConfigMap of its own: git does not look at SSL_CERT_DIR."
    GROUPS_ARE_ASKED_FOR "groups-are-asked-for" Warning
        "An app whose roles go by group must ask Dex for the scope groups."
    HOST_HAS_TLS "host-has-tls" Warning
        "An Ingress that asks cert-manager for a certificate must say for which hosts."
    INGRESS_NAME_IS_FREE "ingress-name-is-free" Warning
        "An Ingress is added only under a name that no other one has."
    INPUT_IS_READABLE "input-is-readable" Error
        "The input must be readable as a whole."
    IS_WIRED "is-wired" Error
        "Every end must already say what the document says."
    ISSUER_ANNOTATION_IS_FREE "issuer-annotation-is-free" Warning
        "An Ingress must name one issuer; cert-manager issues nothing when it finds two."
    ISSUER_IS_EXACT "issuer-is-exact" Error
        "An app must be told exactly the issuer that Dex has; clients compare the two byte for byte."
    ISSUER_IS_HTTPS "issuer-is-https" Warning
        "Dex's issuer must be an https address that browsers and pods both reach."
    ISSUER_IS_ROUTED "issuer-is-routed" Warning
        "Something must route the issuer's host and path to Dex."
    ISSUER_IS_THE_BASE "issuer-is-the-base" Error
        "An issuer must be the base of Dex's addresses, not one of them; where the discovery document is asked for, it must be told in full."
    ISSUER_IS_TRUSTED "issuer-is-trusted" Warning
        "An app and its init containers must trust the CA that signs the issuer's certificate."
    LIST_IS_IN_ONE_SOURCE "list-is-in-one-source" Warning
        "A list in Helm values must stand in one source, because Helm replaces lists instead of joining them."
    MOUNT_PATH_IS_FREE "mount-path-is-free" Error
        "The path of the CA must not be taken by another volume."
    NAMESPACE_IS_IN_INPUT "namespace-is-in-input" Info
        "A Namespace that needs labels for the CA bundle is labelled in the package that holds it."
    ONE_LOGIN_IS_CONFIGURED "one-login-is-configured" Warning
        "An app must have one login configured; of two, one wins silently."
    ORIGIN_IS_ALLOWED "origin-is-allowed" Warning
        "An app whose pages call Dex from the browser needs its origin in Dex's `web.allowedOrigins`; the browser drops the answers otherwise."
    PEER_IS_TRUSTED "peer-is-trusted" Error
        "A client that asks for tokens for another one must be among the trustedPeers of that other one."
    PLACE_CAN_BE_EDITED "place-can-be-edited" Error
        "A place to be edited must not be shared by an anchor, alias or merge key: other places would change with it."
    PODS_RESTART_ON_CHANGE "pods-restart-on-change" Info
        "Dex must restart when its configuration changes; it reads it once."
    POLICY_LETS_SOMEBODY_IN "policy-lets-somebody-in" Warning
        "Argo CD's policy must give a role to somebody who signs in."
    POLICY_SCOPES_FIT_SUBJECTS "policy-scopes-fit-subjects" Warning
        "Argo CD must look its subjects up in the claims that they are from."
    PROXY_TAKES_LARGE_TOKENS "proxy-takes-large-tokens" Info
        "nginx before Headlamp must take the large headers that tokens make."
    PUBLIC_ROOTS_STAY "public-roots-stay" Warning
        "What takes the place of the image's CAs must hold the public ones too."
    PUBLIC_URL_IS_SET "public-url-is-set" Error
        "An app must know the address that people open it at; it makes its redirect URI of it."
    REDIRECT_URI_IS_ABSOLUTE "redirect-uri-is-absolute" Info
        "A registered redirect URI must be absolute, unless its app sends it as it is."
    REDIRECT_URI_IS_HTTPS "redirect-uri-is-https" Warning
        "A registered redirect URI must be https, or lead back to the machine of whoever signs in."
    REDIRECT_URI_IS_LITERAL "redirect-uri-is-literal" Error
        "A registered redirect URI must be one address; Dex knows no wildcards."
    REDIRECT_URI_IS_REGISTERED "redirect-uri-is-registered" Error
        "The redirect URI that an app sends must be one of its client's in Dex, byte for byte."
    ROLE_BINDING_HAS_A_PLACE "role-binding-has-a-place" Info
        "The ClusterRoleBinding of `access` is added beside Dex, in the package that holds Dex."
    ROOT_CA_IS_PEM "root-ca-is-pem" Warning
        "rootCA in Argo CD's oidc.config must be a certificate in PEM; Argo CD goes on without what is none."
    SCOPES_ARE_KNOWN "scopes-are-known" Error
        "An app must ask Dex for scopes that Dex knows, openid among them."
    SECRET_HAS_THE_KEY "secret-has-the-key" Error
        "A Secret in the input must hold the key that a reference names; the pod does not start without it."
    SECRET_IS_IN_INPUT "secret-is-in-input" Warning
        "A Secret that is referred to must be the one that is there, where another one nearly has its name."
    SECRET_IS_LABELLED "secret-is-labelled" Error
        "A Secret that Argo CD refers to as `$name:key` must carry the label app.kubernetes.io/part-of=argocd; else the reference is used as the secret itself."
    SECRET_IS_READABLE "secret-is-readable" Error
        "A value of a Secret that has to be read must be base64."
    SECRET_IS_WRITABLE "secret-is-writable" Error
        "A value can only be filled in where it is not encrypted (SOPS, Sealed Secrets)."
    SECRET_KEEPS_ITS_NAME "secret-keeps-its-name" Warning
        "A Secret that Argo CD refers to in a text must be in the cluster under that name; kustomize renames it, and changes no text."
    SECRET_VARIABLE_IS_SET "secret-variable-is-set" Error
        "The variables that secretEnv and idEnv name must be set in Dex's container; an unset one is the empty secret."
    SERVER_AND_PROXY_AGREE_ON_TLS "server-and-proxy-agree-on-tls" Warning
        "Argo CD's server must speak plain http where the proxy before it ends TLS; it redirects in a circle otherwise."
    SERVICE_ACCOUNT_IS_NOT_USED "service-account-is-not-used" Warning
        "Headlamp must act as the person who signed in, not as its own ServiceAccount."
    SSO_MODE_IS_ON "sso-mode-is-on" Error
        "Argo Workflows' server must take the mode sso where a login is configured."
    SUBJECTS_HAVE_THE_PREFIX "subjects-have-the-prefix" Warning
        "Bindings must name groups with the prefix that the API server gives them."
    TRUST_SOURCE_KEEPS_ITS_NAME "trust-source-keeps-its-name" Warning
        "The ConfigMap or Secret of the CA must be in the cluster under the name that workloads mount; kustomize renames it, and follows no custom resource."
    TRUST_VARIABLE_FITS_RUNTIME "trust-variable-fits-runtime" Warning
        "A container must be told of the CA in a way that what it runs listens to."
    TRUST_VARIABLE_IS_FREE "trust-variable-is-free" Warning
        "The variable that names the CA must be unset or a plain value, so that the CA can be added to it."
    URL_HAS_ROOT_PATH "url-has-root-path" Error
        "Where Argo CD is served below a path, its url must have that path."
    VALUE_IS_OURS "value-is-ours" Info
        "Issuer, client id, redirect and secret of an app in `clients` are this document's; another value is corrected."
    VALUE_REPLACES_NO_REFERENCE "value-replaces-no-reference" Error
        "A secret in clear text never replaces a reference to a Secret."
    VALUES_ARE_CLAIMED "values-are-claimed" Info
        "Helm values are wired where something in the input says which chart they are for."
    VALUES_ARE_OF_ONE_APP "values-are-of-one-app" Error
        "A file of Helm values that several charts use cannot hold the settings of one app."
    VOLUME_NAME_IS_FREE "volume-name-is-free" Error
        "The volume name of the CA must not be taken by another source."
    WORKLOAD_CAN_TRUST "workload-can-trust" Warning
        "A workload that calls a private host must be one whose runtime and mounts let the CA be added."
    WORKLOAD_HAS_ONE_APP "workload-has-one-app" Error
        "A container must be the app of one client; two that claim it would write over each other."
    WORKLOAD_IS_IN_INPUT "workload-is-in-input" Info
        "What a client or `trust.workloads` names is wired in the package that holds it."
}

/// The code of a name.
pub fn find(name: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|code| code.name == name)
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CODES.len());
    }
}
