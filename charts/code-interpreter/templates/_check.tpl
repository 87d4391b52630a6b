{{- /* Values that cannot be meant together, each with a sentence that says what to do. */}}

{{- define "code-interpreter.check" -}}
{{- include "code-interpreter.checkReplicas" . }}
{{- include "code-interpreter.checkNames" . }}
{{- include "code-interpreter.checkVolumes" . }}
{{- include "code-interpreter.checkService" . }}
{{- end }}

{{/* A service on which files come and go by chance. */}}
{{- define "code-interpreter.checkReplicas" -}}
{{- $replicas := include "code-interpreter.maxReplicas" . | int }}
{{- $files := include "code-interpreter.fileStorage" . }}
{{- $claim := include "code-interpreter.claim" . }}
{{- $created := (default dict .Values.storage.claim).create }}
{{- if and $created .Values.storage.existingClaim }}
{{- fail "storage.claim.create and storage.existingClaim are both set, and files are on one claim: leave one away" }}
{{- end }}
{{- if and $claim (ne $files "shared") }}
{{- if eq $files "s3" }}
{{- fail "fileStorage is s3, and the claim of storage would hold no files: leave it away" }}
{{- end }}
{{- if gt $replicas 1 }}
{{- fail (printf "%s belongs to one process at a time, and there would be %d replicas: keep one, or leave the claim away" ($created | ternary "storage.claim" "storage.existingClaim") $replicas) }}
{{- end }}
{{- end }}
{{- if and (gt $replicas 1) (include "code-interpreter.narrowClaim" .) }}
{{- fail (printf "storage.claim.accessModes lacks ReadWriteMany, without which pods on other nodes do not start, and there would be %d replicas: add it, or keep one" $replicas) }}
{{- end }}
{{- if include "code-interpreter.keepsFiles" . }}
{{- $strategy := default (ternary "RollingUpdate" "Recreate" (not (empty .Values.strategy))) (default dict .Values.strategy).type }}
{{- if ne $strategy "Recreate" }}
{{- fail (printf "strategy.type is %s, with which the next pod would start while the last one has the claim of the files: set it to Recreate, or leave it away" $strategy) }}
{{- end }}
{{- end }}
{{- if eq $files "s3" }}
{{- $given := (default dict .Values.s3).bucket }}
{{- range .Values.extraEnvVars }}{{- if eq .name "FILE_S3_BUCKET" }}{{ $given = "there" }}{{ end }}{{- end }}
{{- if not (or $given .Values.extraEnvFrom .Values.configMap.create .Values.secret.create) }}
{{- fail "fileStorage is s3, and no bucket is given: set s3.bucket" }}
{{- end }}
{{- end }}
{{- if and (gt $replicas 1) (eq $files "local") }}
{{- fail (printf "fileStorage is local, so a file is found only by the replica that took it, and there would be %d replicas: keep one, or set fileStorage to perReplica, with which the Service keeps each client at one replica, or fileStorage.shared to true with one directory for all, or s3" $replicas) }}
{{- end }}
{{- end }}

{{/* (list new old newValue oldValue): one value under two names. */}}
{{- define "code-interpreter.checkTwice" -}}
{{- $unset := list "null" "\"\"" "{}" "[]" "\"auto\"" }}
{{- if not (or (has (index . 2 | toJson) $unset) (has (index . 3 | toJson) $unset)) }}
{{- fail (printf "%s and %s are two names of one value, and both are set: leave one away" (index . 0) (index . 1)) }}
{{- end }}
{{- end }}

{{- define "code-interpreter.checkNames" -}}
{{- $path := "codeInterpreter.kubernetesExecutor" }}
{{- $executor := .Values.codeInterpreter.kubernetesExecutor }}
{{- $security := default dict $executor.securityContext }}
{{- range $key, $value := default dict $executor.podOverrides }}
{{- include "code-interpreter.checkTwice" (list (printf "%s.pod.%s" $path $key) (printf "%s.podOverrides.%s" $path $key) (get (default dict $executor.pod) $key) $value) }}
{{- end }}
{{- range list "runAsUser" "runAsGroup" "fsGroup" "readOnlyRootFilesystem" }}
{{- include "code-interpreter.checkTwice" (list (printf "%s.securityContext.%s" $path .) (printf "%s.%s" $path .) (get $security .) (get $executor .)) }}
{{- end }}
{{- range $key, $value := default dict .Values.serviceMonitor }}
{{- include "code-interpreter.checkTwice" (list (printf "metrics.serviceMonitor.%s" $key) (printf "serviceMonitor.%s" $key) (get (default dict (default dict $.Values.metrics).serviceMonitor) $key) $value) }}
{{- end }}
{{- if eq (default "fixed" $security.mode) "platform" }}
{{- range list "runAsUser" "runAsGroup" "fsGroup" }}
{{- if not (kindIs "invalid" (index $executor .)) }}
{{- fail (printf "%s.securityContext.mode is platform, which leaves ids to the cluster, and %s.%s is set: leave one away" $path $path .) }}
{{- end }}
{{- end }}
{{- if $executor.netAdminLockdown }}
{{- fail (printf "%s.securityContext.mode is platform and %s.netAdminLockdown is true: its container runs as root, which a cluster that assigns ids refuses. Leave the lockdown away, the service's filter does without" $path $path) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "code-interpreter.checkVolumes" -}}
{{- $names := dict }}
{{- $paths := dict }}
{{- range concat (default list .Values.volumeMounts) (default list .Values.extraVolumeMounts) }}
{{- $_ := set $paths (trimSuffix "/" .mountPath) true }}
{{- end }}
{{- range $name, $path := dict "code-interpreter-files" "/var/lib/code-interpreter" "code-interpreter-tmp" "/tmp" }}
{{- if not (hasKey $paths $path) }}{{ $_ := set $names $name true }}{{ end }}
{{- end }}
{{- range concat (default list .Values.volumes) (default list .Values.extraVolumes) }}
{{- if hasKey $names .name }}
{{- fail (printf "a pod has one volume named %s: volumes and extraVolumes have two, or the chart has it itself" .name) }}
{{- end }}
{{- $_ := set $names .name true }}
{{- end }}
{{- $paths := dict }}
{{- range concat (default list .Values.volumeMounts) (default list .Values.extraVolumeMounts) }}
{{- $path := default "/" (trimSuffix "/" .mountPath) }}
{{- if hasKey $paths $path }}
{{- fail (printf "volumeMounts and extraVolumeMounts have two mounts at %s: a container has each once" $path) }}
{{- end }}
{{- $_ := set $paths $path true }}
{{- if and (has $path (list "/var/lib/code-interpreter" "/tmp/code-interpreter-files")) (include "code-interpreter.claim" $) }}
{{- fail (printf "the mount at %s and the claim of storage are both for the files: leave one away" $path) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "code-interpreter.checkService" -}}
{{- if and (eq .Values.service.type "ExternalName") (not .Values.service.externalName) }}
{{- fail "service.type is ExternalName, which stands for another host: set service.externalName to its name" }}
{{- end }}
{{- $target := include "code-interpreter.targetPort" . }}
{{- if ne $target "http" }}
{{- $ports := list }}
{{- range .Values.extraContainers }}
{{- range .ports }}
{{- $ports = append (append $ports (include "code-interpreter.text" .containerPort)) (default "" .name) }}
{{- end }}
{{- end }}
{{- if not (has $target $ports) }}
{{- fail (printf "service.targetPort is %s, and no container of the pod listens there: set it to http or to a port that a container of extraContainers declares, or set codeInterpreter.port" $target) }}
{{- end }}
{{- end }}
{{- end }}
