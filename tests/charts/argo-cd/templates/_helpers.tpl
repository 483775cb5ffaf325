{{- define "argo-cd.fullname" -}}
{{- $base := .Values.nameOverride | default .Chart.Name -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "argo-cd.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- /* selector (list ROOT NAME): what selectors and labels share. */ -}}
{{- define "argo-cd.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ $root.Values.nameOverride | default $root.Chart.Name }}-{{ index . 1 }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- end -}}

{{- /* labels (list ROOT NAME COMPONENT): the last is empty on objects of no component. */ -}}
{{- define "argo-cd.labels" -}}
{{- $root := first . -}}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{ include "argo-cd.selector" . }}
{{- with index . 2 }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: argocd
app.kubernetes.io/version: {{ $root.Values.global.image.tag | default $root.Chart.AppVersion | quote }}
{{- with $root.Values.global.additionalLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* argocd-cm: texts only, whatever the values hold; an empty one is left out. */ -}}
{{- define "argo-cd.cm" -}}
{{- $data := dict "url" (print "https://" .Values.global.domain) -}}
{{- if eq (toString (index .Values.configs.cm "statusbadge.enabled")) "true" -}}
{{- $_ := set $data "statusbadge.url" (printf "https://%s/" .Values.global.domain) -}}
{{- end -}}
{{- range $key, $value := omit .Values.configs.cm "create" "annotations" -}}
{{- $_ := set $data $key (toString $value) -}}
{{- end -}}
{{- range $key, $value := $data -}}
{{- if not $value -}}{{- $_ := unset $data $key -}}{{- end -}}
{{- end -}}
{{- toYaml $data -}}
{{- end -}}

{{- define "argo-cd.params" -}}
{{- $full := include "argo-cd.fullname" . -}}
{{- $data := dict
  "repo.server" (print $full "-repo-server:8081")
  "server.repo.server.strict.tls" .Values.repoServer.certificateSecret.enabled
  "redis.server" (print $full "-redis:6379")
  "applicationsetcontroller.enable.leader.election" (gt (int .Values.applicationSet.replicas) 1)
-}}
{{- if .Values.dex.enabled -}}
{{- $scheme := ternary "http" "https" (eq (toString (index .Values.configs.params "dexserver.disable.tls")) "true") -}}
{{- $_ := set $data "server.dex.server" (printf "%s://%s-dex-server:5556" $scheme $full) -}}
{{- $_ := set $data "server.dex.server.strict.tls" .Values.dex.certificateSecret.enabled -}}
{{- end -}}
{{- range list "applicationsetcontroller" "controller" "server" "reposerver" "notificationscontroller" "dexserver" "commitserver" -}}
{{- $_ := set $data (print . ".log.format") $.Values.global.logging.format -}}
{{- $_ := set $data (print . ".log.level") $.Values.global.logging.level -}}
{{- end -}}
{{- range $key, $value := mergeOverwrite $data (omit .Values.configs.params "create" "annotations") }}
{{ $key }}: {{ $value | toString | toYaml }}
{{- end }}
{{- end -}}
