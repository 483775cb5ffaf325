{{- define "gitea.fullname" -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- end -}}

{{- define "gitea.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "gitea.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app: {{ .Chart.Name }}
{{ include "gitea.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- /* The host by which Gitea knows itself: that of the first rule of the Ingress, unless the values say otherwise. */ -}}
{{- define "gitea.host" -}}
{{- .Values.gitea.config.server.DOMAIN | default (first .Values.ingress.hosts).host -}}
{{- end -}}

{{- /* An OAuth source as flags of `gitea admin auth`; without key and secret, those of the variables. */ -}}
{{- define "gitea.source" -}}
{{- $source := merge (omit .source "existingSecret") (dict "key" (printf "${GITEA_OAUTH_KEY_%d}" .index) "secret" (printf "${GITEA_OAUTH_SECRET_%d}" .index)) -}}
{{- range $key, $value := $source }} --{{ kebabcase $key }} {{ quote $value }}{{ end -}}
{{- end -}}
