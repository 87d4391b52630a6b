package dev.codeinterpreter.pool;

import jakarta.enterprise.context.ApplicationScoped;

@ApplicationScoped
class QuietListener implements PoolListener {}
