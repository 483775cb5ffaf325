{{- define "fullname" -}}
{{- $base := .Values.nameOverride | default .Chart.Name -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "selector" . }}
app.kubernetes.io/component: server
app: server
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: argo-workflows
{{- end -}}

{{- define "selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name }}-{{ .Values.server.name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "server" -}}
{{ include "fullname" . }}-{{ .Values.server.name }}
{{- end -}}

{{- define "map" -}}
{{ .Values.controller.configMap.name | default (print (include "fullname" .) "-" .Values.controller.name "-configmap") }}
{{- end -}}
