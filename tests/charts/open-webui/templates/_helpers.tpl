{{- define "fullname" -}}
{{- $base := .Values.nameOverride | default .Chart.Name -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "selector" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ .Chart.Name }}
{{- end -}}

{{- define "labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name }}
{{ include "selector" . }}
{{- end -}}

{{- /* The user's variables, whichever of the two forms they have. */ -}}
{{- define "variables" -}}
{{- if kindIs "map" .Values.extraEnvVars }}
{{- range $name, $value := .Values.extraEnvVars }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  {{- tpl (toYaml $value) $ | nindent 2 }}
  {{- else }}
  value: {{ tpl (toString $value) $ | quote }}
  {{- end }}
{{- end }}
{{- else if .Values.extraEnvVars }}
{{- tpl (toYaml .Values.extraEnvVars) . }}
{{- end }}
{{- end -}}
