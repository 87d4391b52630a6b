/** How the service's parts are put together. */
@NullMarked
package dev.codeinterpreter.bean;

import org.jspecify.annotations.NullMarked;
