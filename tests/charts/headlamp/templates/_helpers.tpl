{{- define "headlamp.fullname" -}}
{{- $base := .Values.nameOverride | default .Chart.Name -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "headlamp.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- define "headlamp.account" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "headlamp.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "headlamp.selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "headlamp.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "headlamp.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- /* The OIDC settings: key under config.oidc and in the Secret, variable, flag; in the order in which all of them are rendered. */ -}}
{{- define "headlamp.oidc" -}}
settings:
- {key: clientID, env: OIDC_CLIENT_ID, flag: oidc-client-id}
- {key: clientSecret, env: OIDC_CLIENT_SECRET, flag: oidc-client-secret}
- {key: issuerURL, env: OIDC_ISSUER_URL, flag: oidc-idp-issuer-url}
- {key: scopes, env: OIDC_SCOPES, flag: oidc-scopes}
- {key: callbackURL, env: OIDC_CALLBACK_URL, flag: oidc-callback-url}
- {key: validatorClientID, env: OIDC_VALIDATOR_CLIENT_ID, flag: oidc-validator-client-id}
- {key: validatorIssuerURL, env: OIDC_VALIDATOR_ISSUER_URL, flag: oidc-validator-idp-issuer-url}
- {key: useAccessToken, env: OIDC_USE_ACCESS_TOKEN, flag: oidc-use-access-token, bool: true}
- {key: usePKCE, env: OIDC_USE_PKCE, flag: oidc-use-pkce, bool: true}
- {key: meUserInfoURL, env: ME_USER_INFO_URL, flag: me-user-info-url}
{{- end -}}

{{- /* The OIDC flags, one a line. A flag stands where config.oidc or a variable of .Values.env sets it; an external Secret always
       gives the first three, and the scopes by hasScopes alone. */ -}}
{{- define "headlamp.oidcArgs" -}}
{{- $oidc := .Values.config.oidc -}}
{{- $external := $oidc.externalSecret.enabled -}}
{{- $set := dict -}}
{{- range (include "headlamp.oidc" . | fromYaml).settings -}}
  {{- $own := index $oidc .key -}}
  {{- $on := ternary (eq (toString $own) "true") (ne (toString $own) "") (.bool | default false) -}}
  {{- $env := .env -}}
  {{- $key := .key -}}
  {{- range $.Values.env -}}
    {{- if eq .name $env -}}
      {{- /* With valueFrom there is no value to look at: the flag stands, but for usePKCE, which asks for a literal true. */ -}}
      {{- $value := ternary (toString .value) "reference" (hasKey . "value") -}}
      {{- if or (eq $key "usePKCE") (and $external (eq $key "useAccessToken")) -}}
        {{- $on = or $on (eq $value "true") -}}
      {{- else -}}
        {{- $on = or $on (ne $value "") -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if and $external (has $key (list "clientID" "clientSecret" "issuerURL")) -}}{{- $on = true -}}{{- end -}}
  {{- if and $external (eq $key "scopes") -}}{{- $on = $oidc.externalSecret.hasScopes -}}{{- end -}}
  {{- if $on -}}{{- $_ := set $set $key (printf "-%s=$(%s)" .flag .env) -}}{{- end -}}
{{- end -}}
{{- $order := list "clientID" "clientSecret" "issuerURL" "scopes" "callbackURL" -}}
{{- if $external -}}
  {{- $order = concat $order (list "usePKCE" "validatorClientID" "validatorIssuerURL" "useAccessToken") -}}
{{- else -}}
  {{- $order = concat $order (list "validatorClientID" "validatorIssuerURL" "useAccessToken" "usePKCE") -}}
{{- end -}}
{{- range append $order "meUserInfoURL" -}}
  {{- with index $set . }}
{{ . }}
  {{- end -}}
{{- end -}}
{{- end -}}
