/** Whether the service can run anything: asked by clients, by load balancers and by the cluster. */
@NullMarked
package dev.codeinterpreter.health;

import org.jspecify.annotations.NullMarked;
