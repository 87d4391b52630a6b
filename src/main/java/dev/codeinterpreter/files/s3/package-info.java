/** Files in a bucket, of AWS's S3 or of any server with its protocol, that several processes have in common. */
@NullMarked
package dev.codeinterpreter.files.s3;

import org.jspecify.annotations.NullMarked;
