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
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
{{- end -}}

{{- /* One line of grafana.ini. */ -}}
{{- define "line" -}}
{{- $value := .value -}}
{{ .key }} = {{ if kindIs "string" $value }}{{ tpl $value .root }}{{ else if kindIs "slice" $value }}{{ toJson $value }}{{ else if not (kindIs "invalid" $value) }}{{ $value }}{{ end }}
{{- end -}}
