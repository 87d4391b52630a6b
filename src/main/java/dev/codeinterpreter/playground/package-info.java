/**
 * The page at {@code /} on which people try the service out. Its sources are beside the page, in
 * {@code src/main/resources}: modules that browsers load as they are written, and CodeMirror as {@code dev/editor} builds
 * it. The page uses the public API alone.
 */
@NullMarked
package dev.codeinterpreter.playground;

import org.jspecify.annotations.NullMarked;
