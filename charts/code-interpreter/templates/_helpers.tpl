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
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "code-interpreter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "code-interpreter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "code-interpreter.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "code-interpreter.sandboxNamespace" -}}
{{- default .Release.Namespace .Values.codeInterpreter.kubernetesExecutor.namespace }}
{{- end }}

{{- define "code-interpreter.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{- define "code-interpreter.sandboxPriorityClass" -}}
{{ printf "%s-sandboxes" (include "code-interpreter.fullname" . | trunc 53 | trimSuffix "-") }}
{{- end }}

{{/* Values that would make a service on which files come and go by chance. */}}
{{- define "code-interpreter.check" -}}
{{- $replicas := ternary .Values.autoscaling.maxReplicas .Values.replicaCount .Values.autoscaling.enabled | int }}
{{- if and (gt $replicas 1) .Values.storage.existingClaim }}
{{- fail (printf "storage.existingClaim belongs to one process at a time, and there would be %d replicas: keep one, or leave the claim away" $replicas) }}
{{- end }}
{{- if and (gt $replicas 1) (eq .Values.fileStorage "local") }}
{{- fail (printf "fileStorage is local, so a file is found only by the replica that took it, and there would be %d replicas: keep one, or set fileStorage to perReplica, with which the Service keeps each client at one replica" $replicas) }}
{{- end }}
{{- end }}
