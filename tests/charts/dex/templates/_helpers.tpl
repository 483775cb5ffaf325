{{- define "dex.fullname" -}}
{{- $base := .Values.nameOverride | default .Chart.Name -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "dex.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- define "dex.account" -}}
{{- .Values.serviceAccount.name | default (ternary (include "dex.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- /* The Secret with the configuration; one that is not made here is called default unless it has a name. */ -}}
{{- define "dex.secret" -}}
{{- .Values.configSecret.name | default (ternary (include "dex.fullname" .) "default" .Values.configSecret.create) -}}
{{- end -}}

{{- define "dex.selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "dex.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "dex.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
