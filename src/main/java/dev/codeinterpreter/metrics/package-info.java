/** What the features tell their listeners, as metrics at /metrics. Nothing depends on it. */
@NullMarked
package dev.codeinterpreter.metrics;

import org.jspecify.annotations.NullMarked;
