{{- define "ctxfit.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* Names of objects add up to 13 characters to this one, of the 63 that a label may have. */}}
{{- define "ctxfit.fullname" -}}
{{- $name := include "ctxfit.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "ctxfit.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "ctxfit.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* Labels by which the release's objects are told from others'; a component is added where they differ. */}}
{{- define "ctxfit.selector" -}}
app.kubernetes.io/name: {{ include "ctxfit.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ctxfit.labels" -}}
{{ include "ctxfit.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels of pods that serve, in any pool. */}}
{{- define "ctxfit.serverSelector" -}}
{{ include "ctxfit.selector" . }}
ctxfit-role: server
{{- end -}}

{{/* Image of a pool: dict "root" $ "pool" $pool. */}}
{{- define "ctxfit.image" -}}
{{- $image := .root.Values.image -}}
{{- with $image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.repository -}}
{{- if .pool.image.digest }}@{{ .pool.image.digest }}{{ else }}:{{ .pool.image.tag }}{{ end -}}
{{- end -}}

{{/* Flags of a pool as YAML: those of all pools, with its own in their place. */}}
{{- define "ctxfit.server" -}}
{{- $server := deepCopy .root.Values.server -}}
{{- range $key, $value := .pool.server }}{{ $_ := set $server $key $value }}{{ end -}}
{{- toYaml $server -}}
{{- end -}}

{{/* Bytes of a quantity of memory such as 2Gi. */}}
{{- define "ctxfit.bytes" -}}
{{- $quantity := toString . -}}
{{- $number := regexFind "^[0-9]+" $quantity | int64 -}}
{{- $factor := get (dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "" 1) (regexFind "[A-Za-z]*$" $quantity) -}}
{{- mul $number (int64 $factor) -}}
{{- end -}}

{{/* Processors of a quantity such as 1500m or 2, rounded up. */}}
{{- define "ctxfit.processors" -}}
{{- $quantity := toString . -}}
{{- if hasSuffix "m" $quantity -}}
{{- div (add (trimSuffix "m" $quantity | int64) 999) 1000 -}}
{{- else -}}
{{- ceil (float64 $quantity) | int64 -}}
{{- end -}}
{{- end -}}

{{- define "ctxfit.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "ctxfit.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end -}}

{{/* What every pod of the release has. */}}
{{- define "ctxfit.podBasics" -}}
serviceAccountName: {{ include "ctxfit.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "ctxfit.podSecurityContext" . | nindent 2 }}
{{- end -}}

{{/* Where pods of a pool may run. */}}
{{- define "ctxfit.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Series of the release's servers in Prometheus. */}}
{{- define "ctxfit.series" -}}
namespace="{{ .Release.Namespace }}",job="{{ include "ctxfit.fullname" . }}"
{{- end -}}
