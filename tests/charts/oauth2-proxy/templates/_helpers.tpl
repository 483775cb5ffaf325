{{- define "fullname" -}}
{{- $base := .Values.nameOverride | default .Chart.Name -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "labels" -}}
app: {{ .Values.nameOverride | default .Chart.Name }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/component: authentication-proxy
{{ include "selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "secrets" -}}
{{- range $key, $value := dict "client-id" .Values.config.clientID "client-secret" .Values.config.clientSecret "cookie-secret" .Values.config.cookieSecret }}
{{- if has $key $.Values.config.requiredSecretKeys }}
{{ $key }}: {{ tpl $value $ | b64enc | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "alpha" -}}
server:
  BindAddress: '0.0.0.0:4180'
{{- with .Values.alphaConfig.serverConfigData }}
{{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.alphaConfig.configData }}
{{ toYaml . }}
{{- end }}
{{- with .Values.alphaConfig.configFile }}
{{ tpl . $ }}
{{- end }}
{{- end -}}

{{- /* The file: the user's own, or a minimal one; the alpha configuration has the upstreams. */ -}}
{{- define "file" -}}
{{- if .Values.config.configFile -}}
{{ tpl .Values.config.configFile . }}
{{- else -}}
email_domains = {{ .Values.config.emailDomains | toJson }}
{{- if not .Values.alphaConfig.enabled }}
upstreams = {{ .Values.config.upstreams | toJson }}
{{- end }}
{{- end }}
{{- end -}}
