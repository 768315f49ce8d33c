{{- define "stocktake.name" -}}
{{- if contains "stocktake" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-stocktake" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "stocktake.selector" -}}
app.kubernetes.io/name: stocktake
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "stocktake.labels" -}}
{{ include "stocktake.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: agent
app.kubernetes.io/part-of: stocktake
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "stocktake.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "stocktake.tokenSecret" -}}
{{- if .Values.joinToken.existingSecret }}{{ .Values.joinToken.existingSecret }}{{ else if .Values.joinToken.value }}{{ include "stocktake.name" . }}-join{{ end }}
{{- end }}

{{- define "stocktake.hasCa" -}}
{{- if or .Values.ca.existingSecret .Values.ca.existingConfigMap .Values.ca.value }}yes{{ end }}
{{- end }}

{{- define "stocktake.priorityClass" -}}
{{- if .Values.priorityClass.name }}{{ .Values.priorityClass.name }}{{ else if .Values.priorityClass.create }}{{ include "stocktake.name" . }}{{ end }}
{{- end }}

{{/* The agent's settings: what the values say, and over it what the pod itself decides. */}}
{{- define "stocktake.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $backend := dict }}
{{- if .Values.backend.url }}{{ $_ := set $backend "url" .Values.backend.url }}{{ end }}
{{- if .Values.backend.proxy }}{{ $_ := set $backend "proxy" .Values.backend.proxy }}{{ end }}
{{- if include "stocktake.tokenSecret" . }}{{ $_ := set $backend "join_token_file" "/etc/stocktake/credentials/join_token" }}{{ end }}
{{- if include "stocktake.hasCa" . }}{{ $_ := set $backend "ca" "/etc/stocktake/authorities/ca.crt" }}{{ end }}
{{- $own := dict "state_dir" "/var/lib/stocktake" "root" "/host" "proc" "/host/proc" "metrics" (dict "listen" (printf "%s:%d" .Values.probes.address (int .Values.probes.port))) "cloud" (dict "metadata" .Values.cloudMetadata.enabled) }}
{{- if $backend }}{{ $_ := set $own "backend" $backend }}{{ end }}
{{- if .Values.watcher.enabled }}
{{- $_ := set $own "integrity" (dict "watch" true) }}
{{- $_ := set $own "usage" (dict "watch" true) }}
{{- else }}
{{- $_ := set $own "integrity" (dict "watch" false) }}
{{- $_ := set $own "usage" (dict "watch" false) }}
{{- end }}
{{- toYaml (mergeOverwrite $config $own) }}
{{- end }}

{{- define "stocktake.hostLabels" -}}
kubernetes_node=$(NODE_NAME)
{{- range $name, $value := .Values.labels }},{{ $name }}={{ $value }}{{ end }}
{{- end }}
