{{- define "code-interpreter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "code-interpreter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "code-interpreter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "code-interpreter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "code-interpreter.labels" -}}
{{ include "code-interpreter.selectorLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* A value as text: lists with commas, and numbers without the exponent that a large one of YAML would have. */}}
{{- define "code-interpreter.text" -}}
{{- if kindIs "invalid" . }}
{{- else if kindIs "slice" . }}
{{- join "," . }}
{{- else if kindIs "float64" . }}
{{- if eq . (floor .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- else }}
{{- . }}
{{- end }}
{{- end }}

{{/* A map with each value as text. Of (list map map ...) the first that has a key decides. */}}
{{- define "code-interpreter.texts" -}}
{{- $texts := dict }}
{{- range reverse . }}
{{- range $key, $value := . }}
{{- $_ := set $texts $key (include "code-interpreter.text" $value) }}
{{- end }}
{{- end }}
{{- toYaml $texts }}
{{- end }}

{{/* Of an object: dict "root" and what else it has of "suffix", "name", "namespace" (none when it is false), "labels", "annotations". */}}
{{- define "code-interpreter.metadata" -}}
{{- $root := .root -}}
name: {{ default (printf "%s%s" (include "code-interpreter.fullname" $root) (default "" .suffix)) .name }}
{{- if not (eq (toJson .namespace) "false") }}
namespace: {{ default $root.Release.Namespace .namespace }}
{{- end }}
labels:
  {{- include "code-interpreter.texts" (list (include "code-interpreter.labels" $root | fromYaml) (default dict .labels) (default dict $root.Values.commonLabels)) | nindent 2 }}
{{- with include "code-interpreter.texts" (list (default dict .annotations) (default dict $root.Values.commonAnnotations)) | fromYaml }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "code-interpreter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "code-interpreter.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* http or https: what the service's port speaks. */}}
{{- define "code-interpreter.scheme" -}}
{{- (default dict .Values.tls).existingSecret | empty | ternary "http" "https" }}
{{- end }}

{{/* (list root probe): a probe of the service's port asks in its scheme, unless it names one; and not at /ready with keys. */}}
{{- define "code-interpreter.probe" -}}
{{- $probe := deepCopy (index . 1) }}
{{- if and (kindIs "map" $probe.httpGet) (eq (include "code-interpreter.scheme" (index . 0)) "https") }}
{{- $_ := set $probe "httpGet" (merge (dict) $probe.httpGet (dict "scheme" "HTTPS")) }}
{{- end }}
{{- if and (kindIs "map" $probe.httpGet) (default dict (index . 0).Values.auth).existingSecret (eq (default "" $probe.httpGet.path) "/ready") }}
{{- $_ := set $probe "httpGet" (merge (dict "path" "/health/ready") $probe.httpGet) }}
{{- end }}
{{- toYaml $probe }}
{{- end }}

{{- define "code-interpreter.sandboxNamespace" -}}
{{- default .Release.Namespace .Values.codeInterpreter.kubernetesExecutor.namespace }}
{{- end }}

{{/* (list root name): an image's name with the registry for those that have none, which Docker's rule says. */}}
{{- define "code-interpreter.withRegistry" -}}
{{- $registry := default "" (default dict (index . 0).Values.global).imageRegistry }}
{{- $name := index . 1 }}
{{- $first := first (splitList "/" $name) }}
{{- $own := and (contains "/" $name) (or (contains "." $first) (contains ":" $first) (eq $first "localhost")) }}
{{- if and $registry (not $own) }}{{ trimSuffix "/" $registry }}/{{ end }}{{ $name }}
{{- end }}

{{- define "code-interpreter.image" -}}
{{- include "code-interpreter.withRegistry" (list . .Values.image.repository) }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}
{{- else }}:{{ default .Chart.AppVersion (include "code-interpreter.text" .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "code-interpreter.sandboxImage" -}}
{{- include "code-interpreter.withRegistry" (list . (default "code-interpreter-executor:latest" .Values.codeInterpreter.kubernetesExecutor.image)) }}
{{- end }}

{{/* (list list ...) of pull secrets, each a name or an object with a name, as {"names": [...]}. */}}
{{- define "code-interpreter.names" -}}
{{- $names := list }}
{{- range . }}
{{- range . }}
{{- $names = append $names (kindIs "string" . | ternary . (get (kindIs "map" . | ternary . dict) "name")) }}
{{- end }}
{{- end }}
{{- dict "names" (uniq $names) | toJson }}
{{- end }}

{{- define "code-interpreter.pullSecretNames" -}}
{{- include "code-interpreter.names" (list (default list (default dict .Values.global).imagePullSecrets) (default list .Values.imagePullSecrets)) }}
{{- end }}

{{- define "code-interpreter.sandboxPullSecretNames" -}}
{{- include "code-interpreter.names" (list (include "code-interpreter.pullSecretNames" . | fromJson).names (default list .Values.codeInterpreter.kubernetesExecutor.imagePullSecrets)) }}
{{- end }}

{{/* Of a pod, from the names. */}}
{{- define "code-interpreter.pullSecrets" -}}
{{- with (fromJson .).names -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "code-interpreter.sandboxPriorityClass" -}}
{{ printf "%s-sandboxes" (include "code-interpreter.fullname" . | trunc 53 | trimSuffix "-") }}
{{- end }}

{{/* How many replicas there may be at a time. */}}
{{- define "code-interpreter.maxReplicas" -}}
{{- ternary .Values.autoscaling.maxReplicas .Values.replicaCount .Values.autoscaling.enabled | int }}
{{- end }}

{{/* local, perReplica, shared or s3 */}}
{{- define "code-interpreter.fileStorage" -}}
{{- if kindIs "string" .Values.fileStorage }}{{ .Values.fileStorage }}
{{- else }}{{ (default dict .Values.fileStorage).shared | ternary "shared" "local" }}
{{- end }}
{{- end }}

{{/* ClientIP where a replica finds only its own files, or may do: a shared directory that is none of storage's and no volume's. */}}
{{- define "code-interpreter.affinity" -}}
{{- $files := include "code-interpreter.fileStorage" . }}
{{- if has $files (list "local" "s3") }}None
{{- else if and (eq $files "shared") (include "code-interpreter.sharedVolume" .) }}None
{{- else }}ClientIP
{{- end }}
{{- end }}

{{/* The claim of the files, if they are on one. */}}
{{- define "code-interpreter.claim" -}}
{{- if (default dict .Values.storage.claim).create }}{{ include "code-interpreter.fullname" . }}-files
{{- else }}{{ .Values.storage.existingClaim }}
{{- end }}
{{- end }}

{{/* The chart's own claim, if files are shared and it is not for several nodes. */}}
{{- define "code-interpreter.narrowClaim" -}}
{{- $own := default dict .Values.storage.claim }}
{{- if and $own.create (eq (include "code-interpreter.fileStorage" .) "shared") (not (has "ReadWriteMany" (default list $own.accessModes))) }}
{{- include "code-interpreter.claim" . }}
{{- end }}
{{- end }}

{{/* Whether files are where the next pod finds them, and could not start while this one has them. */}}
{{- define "code-interpreter.keepsFiles" -}}
{{- include "code-interpreter.narrowClaim" . }}
{{- if has (include "code-interpreter.fileStorage" .) (list "local" "perReplica") }}
{{- include "code-interpreter.claim" . }}
{{- range concat (default list .Values.volumeMounts) (default list .Values.extraVolumeMounts) }}
{{- if has (trimSuffix "/" .mountPath) (list "/var/lib/code-interpreter" "/tmp/code-interpreter-files") }}mounted{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "code-interpreter.ownsSandboxes" -}}
{{- if ne (toJson .Values.codeInterpreter.kubernetesExecutor.setOwnerReferences) "false" }}true{{ end }}
{{- end }}

{{- define "code-interpreter.targetPort" -}}
{{- $port := include "code-interpreter.text" .Values.service.targetPort }}
{{- has $port (list "" "http" "8000" (include "code-interpreter.text" .Values.codeInterpreter.port)) | ternary "http" $port }}
{{- end }}

{{/* Of a ServiceMonitor: metrics.serviceMonitor, and what the older name has of it. */}}
{{- define "code-interpreter.serviceMonitor" -}}
{{- $monitor := deepCopy (default dict (default dict .Values.metrics).serviceMonitor) }}
{{- range $key, $value := default dict .Values.serviceMonitor }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $monitor $key $value }}{{ end }}
{{- end }}
{{- toYaml $monitor }}
{{- end }}
