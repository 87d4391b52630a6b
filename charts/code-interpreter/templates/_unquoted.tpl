{{- /*
Truths in quotes, as helm --set-string gives them. Onyx's chart takes any text for true, and "false" is no more than a text to
a template. Every file of the chart begins with this, since nothing says which of them Helm renders first. Numbers in quotes
need nothing: they are written where they stand.
*/}}

{{- define "code-interpreter.unquoted" -}}
{{- include "code-interpreter.unquote" (list $.Values "fileStorage" (list "shared")) }}
{{- include "code-interpreter.unquote" (list $.Values "s3" (list "pathStyle")) }}
{{- include "code-interpreter.unquote" (list $.Values "serviceAccount" (list "create" "automount")) }}
{{- include "code-interpreter.unquote" (list $.Values "ingress" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "storage.claim" (list "create")) }}
{{- include "code-interpreter.unquote" (list $.Values "codeInterpreter.kubernetesExecutor" (list "netAdminLockdown" "setOwnerReferences" "sessionsWithoutLandlock" "readOnlyRootFilesystem")) }}
{{- include "code-interpreter.unquote" (list $.Values "codeInterpreter.kubernetesExecutor.securityContext" (list "readOnlyRootFilesystem")) }}
{{- include "code-interpreter.unquote" (list $.Values "rbac" (list "create")) }}
{{- include "code-interpreter.unquote" (list $.Values "configMap" (list "create")) }}
{{- include "code-interpreter.unquote" (list $.Values "secret" (list "create")) }}
{{- include "code-interpreter.unquote" (list $.Values "networkPolicy" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "sandboxNetworkPolicy" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "podDisruptionBudget" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "autoscaling" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "executorResourceQuota" (list "enabled" "allowReleaseNamespace")) }}
{{- include "code-interpreter.unquote" (list $.Values "executorResourceQuota.limitRange" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "metrics.serviceMonitor" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "metrics.prometheusRule" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "metrics.dashboard" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "serviceMonitor" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "sandboxPriorityClass" (list "create")) }}
{{- include "code-interpreter.unquote" (list $.Values "prePull" (list "enabled")) }}
{{- include "code-interpreter.unquote" (list $.Values "test" (list "enabled")) }}
{{- end }}

{{/* (list values path keys): of the map at the path, if there is one. */}}
{{- define "code-interpreter.unquote" -}}
{{- $map := index . 0 }}
{{- range splitList "." (index . 1) }}
{{- $map = kindIs "map" $map | ternary (get (kindIs "map" $map | ternary $map dict) .) nil }}
{{- end }}
{{- if kindIs "map" $map }}
{{- range index . 2 }}
{{- if has (get $map .) (list "true" "false") }}
{{- $_ := set $map . (eq (get $map .) "true") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
