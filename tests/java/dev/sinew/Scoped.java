package dev.sinew;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Runs every test inside a scope, and fails those after which more native memory is held than before. (It may be less:
 * what earlier tests left to the collector can vanish at any time. What this one left to it gets two seconds to vanish.)
 */
public final class Scoped implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(Scoped.class);

    private record State(long bytes, Scope scope) {}

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("state", new State(NativeMemory.liveBytes(), Scope.open()));
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        State state = context.getStore(NAMESPACE).remove("state", State.class);
        state.scope.close();
        for (int i = 0; i < 40 && NativeMemory.liveBytes() > state.bytes; i++) {
            System.gc();
            Thread.sleep(50);
        }
        assertThat(NativeMemory.liveBytes()).as("live native bytes after the test").isLessThanOrEqualTo(state.bytes);
    }
}
