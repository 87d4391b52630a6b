{{- /* The service's environment variables. Each is added to .env of the dict that the others share. */}}

{{- define "code-interpreter.add" -}}
{{- $_ := set (index . 0) "env" (append (index . 0).env (dict "name" (index . 1) "value" (include "code-interpreter.text" (index . 2)))) }}
{{- end }}

{{- define "code-interpreter.addField" -}}
{{- $_ := set (index . 0) "env" (append (index . 0).env (dict "name" (index . 1) "valueFrom" (dict "fieldRef" (dict "fieldPath" (index . 2))))) }}
{{- end }}

{{/* All of them, as a list. One that extraEnvVars has stands there and nowhere else. */}}
{{- define "code-interpreter.environment" -}}
{{- $all := dict "env" list }}
{{- include "code-interpreter.add" (list $all "EXECUTOR_BACKEND" "kubernetes") }}
{{- include "code-interpreter.addSettings" (list . $all) }}
{{- include "code-interpreter.addAuth" (list . $all) }}
{{- include "code-interpreter.addTls" (list . $all) }}
{{- include "code-interpreter.addFiles" (list . $all) }}
{{- include "code-interpreter.addOwners" (list . $all) }}
{{- include "code-interpreter.addSandboxes" (list . $all) }}
{{- $own := dict }}
{{- $extra := list }}
{{- range .Values.extraEnvVars }}
{{- $_ := set $own .name true }}
{{- $extra = append $extra (hasKey . "value" | ternary (merge (dict "value" (include "code-interpreter.text" .value)) .) .) }}
{{- end }}
{{- $env := list }}
{{- range $all.env }}
{{- if not (hasKey $own .name) }}{{ $env = append $env . }}{{ end }}
{{- end }}
{{- toYaml (concat $env $extra) }}
{{- end }}

{{/* maxExecTimeoutMs is MAX_EXEC_TIMEOUT_MS, and so on. */}}
{{- define "code-interpreter.addSettings" -}}
{{- $root := index . 0 }}
{{- $all := index . 1 }}
{{- $capacity := default dict $root.Values.capacity }}
{{- $names := dict "maxConcurrentExecutions" "MAX_CONCURRENT_EXECUTIONS" "queueTimeoutSec" "EXECUTION_QUEUE_TIMEOUT_SEC" "retryAfterSec" "EXECUTION_RETRY_AFTER_SEC" "capacityRetryAfterSec" "CAPACITY_RETRY_AFTER_SEC" }}
{{- range $key, $value := omit $root.Values.codeInterpreter "kubernetesExecutor" }}
{{- if include "code-interpreter.text" $value }}
{{- include "code-interpreter.add" (list $all ($key | snakecase | upper) $value) }}
{{- end }}
{{- end }}
{{- range $key, $name := $names }}
{{- if include "code-interpreter.text" (get $capacity $key) }}
{{- include "code-interpreter.add" (list $all $name (get $capacity $key)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where the file of keys is mounted, and whose tokens count. */}}
{{- define "code-interpreter.addAuth" -}}
{{- $auth := (index . 0).Values.auth }}
{{- $all := index . 1 }}
{{- if $auth.existingSecret }}
{{- include "code-interpreter.add" (list $all "AUTH_KEYS_FILE" (print "/etc/code-interpreter/keys/" $auth.secretKey)) }}
{{- end }}
{{- if include "code-interpreter.text" $auth.metrics }}
{{- include "code-interpreter.add" (list $all "METRICS_AUTH" $auth.metrics) }}
{{- end }}
{{- range $key, $value := $auth.jwt }}
{{- if include "code-interpreter.text" $value }}
{{- include "code-interpreter.add" (list $all (print "AUTH_JWT_" ($key | snakecase | upper)) $value) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where the certificate and its key are mounted. */}}
{{- define "code-interpreter.addTls" -}}
{{- $all := index . 1 }}
{{- if eq (include "code-interpreter.scheme" (index . 0)) "https" }}
{{- include "code-interpreter.add" (list $all "TLS_CERT_FILE" "/etc/code-interpreter/tls/tls.crt") }}
{{- include "code-interpreter.add" (list $all "TLS_KEY_FILE" "/etc/code-interpreter/tls/tls.key") }}
{{- end }}
{{- end }}

{{/* Where files are mounted at the place that Onyx's service has by default, that is where they are. */}}
{{- define "code-interpreter.addFiles" -}}
{{- $root := index . 0 }}
{{- $own := true }}
{{- range concat (default list $root.Values.volumeMounts) (default list $root.Values.extraVolumeMounts) }}
{{- if eq (trimSuffix "/" .mountPath) "/tmp/code-interpreter-files" }}{{ $own = false }}{{ end }}
{{- end }}
{{- range list $root.Values.configMap $root.Values.secret }}
{{- if and .create (hasKey (default dict .data) "FILE_STORAGE_DIR") }}{{ $own = false }}{{ end }}
{{- end }}
{{- if $own }}
{{- include "code-interpreter.add" (list (index . 1) "FILE_STORAGE_DIR" "/var/lib/code-interpreter/files") }}
{{- end }}
{{- $storage := include "code-interpreter.fileStorage" $root }}
{{- if has $storage (list "shared" "s3") }}
{{- include "code-interpreter.add" (list (index . 1) "FILE_STORAGE" $storage) }}
{{- end }}
{{- if eq $storage "s3" }}
{{- $all := index . 1 }}
{{- range $key, $name := dict "bucket" "BUCKET" "prefix" "PREFIX" "endpoint" "ENDPOINT" "region" "REGION" "pathStyle" "PATH_STYLE" }}
{{- with get (default dict $root.Values.s3) $key }}
{{- include "code-interpreter.add" (list $all (print "FILE_S3_" $name) .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Who the service is, so that sandboxes end with it. */}}
{{- define "code-interpreter.addOwners" -}}
{{- $root := index . 0 }}
{{- $all := index . 1 }}
{{- if include "code-interpreter.ownsSandboxes" $root }}
{{- include "code-interpreter.addField" (list $all "POD_NAME" "metadata.name") }}
{{- include "code-interpreter.addField" (list $all "POD_UID" "metadata.uid") }}
{{- include "code-interpreter.addField" (list $all "KUBERNETES_OWN_NAMESPACE" "metadata.namespace") }}
{{- include "code-interpreter.add" (list $all "KUBERNETES_OWNER_DEPLOYMENT_NAME" (include "code-interpreter.fullname" $root)) }}
{{- end }}
{{- end }}

{{- define "code-interpreter.addSandboxes" -}}
{{- $root := index . 0 }}
{{- $all := index . 1 }}
{{- $executor := $root.Values.codeInterpreter.kubernetesExecutor }}
{{- $security := default dict $executor.securityContext }}
{{- $prefix := "KUBERNETES_EXECUTOR_" }}
{{- include "code-interpreter.add" (list $all (print $prefix "NAMESPACE") (include "code-interpreter.sandboxNamespace" $root)) }}
{{- include "code-interpreter.add" (list $all (print $prefix "IMAGE") (include "code-interpreter.sandboxImage" $root)) }}
{{- with (include "code-interpreter.sandboxPullSecretNames" $root | fromJson).names }}
{{- include "code-interpreter.add" (list $all (print $prefix "IMAGE_PULL_SECRETS") .) }}
{{- end }}
{{- $readOnly := kindIs "invalid" $executor.readOnlyRootFilesystem | ternary $security.readOnlyRootFilesystem $executor.readOnlyRootFilesystem }}
{{- include "code-interpreter.add" (list $all (print $prefix "READ_ONLY_ROOT_FILESYSTEM") (kindIs "invalid" $readOnly | ternary true $readOnly)) }}
{{- range list "imagePullPolicy" "serviceAccount" "readyTimeoutSec" "netAdminLockdown" "workspaceSizeLimit" "tmpSizeLimit" "sessionsWithoutLandlock" }}
{{- if include "code-interpreter.text" (get $executor .) }}
{{- include "code-interpreter.add" (list $all (print $prefix (. | snakecase | upper)) (get $executor .)) }}
{{- end }}
{{- end }}
{{- range list "runAsUser" "runAsGroup" "fsGroup" }}
{{- $name := print $prefix (. | snakecase | upper) }}
{{- if eq (default "fixed" $security.mode) "platform" }}
{{- include "code-interpreter.add" (list $all $name "") }}
{{- else if not (kindIs "invalid" (index $executor .)) }}
{{- include "code-interpreter.add" (list $all $name (get $executor .)) }}
{{- else if and $executor.securityContext (ne (include "code-interpreter.text" (get $security .)) "auto") }}
{{- include "code-interpreter.add" (list $all $name (get $security .)) }}
{{- end }}
{{- end }}
{{- with include "code-interpreter.podOverrides" $root }}
{{- include "code-interpreter.add" (list $all (print $prefix "POD_OVERRIDES") .) }}
{{- end }}
{{- with include "code-interpreter.podResources" $root }}
{{- include "code-interpreter.add" (list $all (print $prefix "POD_RESOURCES") .) }}
{{- end }}
{{- end }}

{{/* JSON, or nothing. */}}
{{- define "code-interpreter.podOverrides" -}}
{{- $executor := .Values.codeInterpreter.kubernetesExecutor }}
{{- $overrides := dict }}
{{- range list $executor.pod $executor.podOverrides }}
{{- range $key, $value := default dict . }}
{{- if $value }}
{{- $texts := has $key (list "nodeSelector" "labels" "annotations") }}
{{- $_ := set $overrides $key ($texts | ternary (include "code-interpreter.texts" (list (kindIs "map" $value | ternary $value dict)) | fromYaml) $value) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and .Values.sandboxPriorityClass.create (not $overrides.priorityClassName) }}
{{- $_ := set $overrides "priorityClassName" (include "code-interpreter.sandboxPriorityClass" .) }}
{{- end }}
{{- with $overrides }}{{ toJson . }}{{ end }}
{{- end }}

{{/*
JSON, or nothing. A value that was set to null is missing here, since Helm takes such keys away, and is null again for the
service, which takes its own away by that.
*/}}
{{- define "code-interpreter.podResources" -}}
{{- $given := .Values.codeInterpreter.kubernetesExecutor.podResources }}
{{- if not (eq (toJson $given) "{}") }}
{{- $resources := dict }}
{{- range $section, $keys := dict "requests" (list "cpu" "memory" "ephemeral-storage") "limits" (list "cpu" "ephemeral-storage") }}
{{- $values := default dict (get (default dict $given) $section) }}
{{- $quantities := dict }}
{{- range $keys }}
{{- $text := include "code-interpreter.text" (get $values .) }}
{{- if or (not (hasKey $values .)) (kindIs "invalid" (get $values .)) }}{{ $_ := set $quantities . nil }}
{{- else if $text }}{{ $_ := set $quantities . $text }}
{{- end }}
{{- end }}
{{- $_ := set $resources $section $quantities }}
{{- end }}
{{- toJson $resources }}
{{- end }}
{{- end }}
