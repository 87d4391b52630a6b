/** The Helm chart: what it renders, and that it works. */
@NullMarked
package dev.codeinterpreter.chart;

import org.jspecify.annotations.NullMarked;
