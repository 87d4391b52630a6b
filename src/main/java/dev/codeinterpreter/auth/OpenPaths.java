package dev.codeinterpreter.auth;

import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The paths that need no credential, by the {@link Access} of the resources' methods, and those of the web server itself.
 * Compared as a client has sent them: a path that is written in another way is none of them.
 */
public final class OpenPaths {
    /** Those of MicroProfile, which no resource serves, and the playground's page, which is there without a path of its own. */
    private static final List<String> FIXED = List.of("/health/live", "/health/ready", "/health/started", "/");
    /** Nothing is there: clients that ask how to get a credential are to read that, and not that they need one to ask. */
    private static final Pattern WELL_KNOWN = Pattern.compile("/\\.well-known/[A-Za-z0-9/_-]*");

    private static final Pattern METRICS = Pattern.compile("/metrics(/[A-Za-z]*)?");
    /** Whatever may end there, and more. */
    private static final Pattern METRICS_ROUTE = Pattern.compile("[/.]*metrics", Pattern.CASE_INSENSITIVE);

    private static final Pattern VARIABLE = Pattern.compile("\\{\\s*[^:{}]+\\s*(?::\\s*([^{}]+))?}");

    private final List<Pattern> resources;

    private OpenPaths(List<Pattern> resources) {
        this.resources = List.copyOf(resources);
    }

    /** @param classes among which those with {@link Path} are resources */
    public static OpenPaths of(Set<Class<?>> classes) {
        List<Pattern> open = new ArrayList<>();
        for (Class<?> type : classes) {
            Path top = type.getAnnotation(Path.class);
            for (Method method : top == null ? new Method[0] : type.getMethods()) {
                Access access = method.getAnnotation(Access.class);
                if (access != null && access.value() == Need.OPEN) {
                    Path below = method.getAnnotation(Path.class);
                    open.add(Pattern.compile(expression(top.value(), below == null ? "" : below.value())));
                }
            }
        }
        return new OpenPaths(open);
    }

    /**
     * What a path needs as far as it says that itself: what is not open here needs a credential at least.
     *
     * @param rawPath as the client sent it
     * @param routedPath decoded and without parameters, as the web server's own routes are chosen by
     * @param coversMetrics whether metrics ask for their scope
     */
    public Need need(String rawPath, String routedPath, boolean coversMetrics) {
        if (FIXED.contains(rawPath)
                || WELL_KNOWN.matcher(rawPath).matches()
                || resources.stream().anyMatch(open -> open.matcher(rawPath).matches())) {
            return Need.OPEN;
        }
        if (coversMetrics && METRICS_ROUTE.matcher(routedPath).lookingAt()) {
            return Need.METRICS;
        }
        return !coversMetrics && METRICS.matcher(rawPath).matches() ? Need.OPEN : Need.CREDENTIAL;
    }

    private static String expression(String top, String below) {
        String template = ("/" + top + "/" + below).replaceAll("/+", "/");
        if (template.length() > 1 && template.endsWith("/")) {
            template = template.substring(0, template.length() - 1);
        }
        StringBuilder expression = new StringBuilder();
        Matcher variable = VARIABLE.matcher(template);
        int end = 0;
        while (variable.find()) {
            expression.append(Pattern.quote(template.substring(end, variable.start())));
            String own = variable.group(1);
            // Of raw paths: dots and percent signs are what tricks are made of.
            expression.append(own == null ? "[A-Za-z0-9_-][A-Za-z0-9._-]*" : own);
            end = variable.end();
        }
        return expression.append(Pattern.quote(template.substring(end))).toString();
    }
}
