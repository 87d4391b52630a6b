{{/* What is accepted and does not do what it seems to do. */}}

{{- define "code-interpreter.warnings" -}}
{{- include "code-interpreter.warnOfMemoryLimit" . }}
{{- include "code-interpreter.warnOfOneDirectory" . }}
{{- end }}

{{- define "code-interpreter.warnOfMemoryLimit" -}}
{{- $limits := default dict (default dict .Values.codeInterpreter.kubernetesExecutor.podResources).limits }}
{{- with $limits.memory }}

WARNING: codeInterpreter.kubernetesExecutor.podResources.limits.memory ({{ . }}) is ignored. The limit of a sandbox follows from
codeInterpreter.memoryLimitMb ({{ include "code-interpreter.text" $.Values.codeInterpreter.memoryLimitMb }}) and the size of its file systems: set that, and remove this.
{{- end }}
{{- end }}

{{/* The service's second process does not start on it, unless all know that they share it. */}}
{{- define "code-interpreter.warnOfOneDirectory" -}}
{{- $replicas := include "code-interpreter.maxReplicas" . | int }}
{{- $shared := include "code-interpreter.sharedVolume" . }}
{{- if and (gt $replicas 1) $shared (eq (include "code-interpreter.fileStorage" .) "perReplica") }}

WARNING: {{ $shared }} is the directory of the files for {{ $replicas }} replicas, and with fileStorage: perReplica one process uses it:
the others do not start. Set fileStorage to shared, or give each a directory of its own by subPathExpr: $(POD_NAME) on the mount.
{{- end }}
{{- end }}

{{/* What holds the files of every replica, if they are in one directory: the claim of storage, or a volume that is no emptyDir. */}}
{{- define "code-interpreter.sharedVolume" -}}
{{- $directory := "" }}
{{- $mounts := concat (default list .Values.volumeMounts) (default list .Values.extraVolumeMounts) }}
{{- range $mounts }}
{{- if eq (trimSuffix "/" .mountPath) "/tmp/code-interpreter-files" }}{{ $directory = "/tmp/code-interpreter-files" }}{{ end }}
{{- end }}
{{- $directory = default "/var/lib/code-interpreter/files" $directory }}
{{- if .Values.configMap.create }}
{{- $directory = default $directory (default dict .Values.configMap.data).FILE_STORAGE_DIR }}
{{- end }}
{{- range .Values.extraEnvVars }}
{{- if eq .name "FILE_STORAGE_DIR" }}{{ $directory = default "$()" .value }}{{ end }}
{{- end }}
{{- $mount := dict "mountPath" "/" }}
{{- range $mounts }}
{{- $path := trimSuffix "/" .mountPath }}
{{- if and (hasPrefix (print $path "/") (print $directory "/")) (gt (len $path) (len (trimSuffix "/" $mount.mountPath))) }}{{ $mount = . }}{{ end }}
{{- end }}
{{- if or (contains "$(" $directory) (contains "$(" (default "" $mount.subPathExpr)) }}
{{- else if $mount.name }}
{{- range concat (default list .Values.volumes) (default list .Values.extraVolumes) }}
{{- if and (eq .name $mount.name) (not (hasKey . "emptyDir")) (not (hasKey . "ephemeral")) }}{{ printf "the volume %s" .name }}{{ end }}
{{- end }}
{{- else if hasPrefix "/var/lib/code-interpreter/" (print $directory "/") }}
{{- with include "code-interpreter.claim" . }}{{ printf "the claim %s" . }}{{ end }}
{{- end }}
{{- end }}
