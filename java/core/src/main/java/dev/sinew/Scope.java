package dev.sinew;

import dev.sinew.internal.Owner;
import java.util.function.Supplier;

/**
 * A lifetime for tensors made by hand, and the tape of their gradients.
 *
 * <p>Every tensor that an operation makes on this thread belongs to the innermost open scope and is freed when the scope
 * closes; without a scope it belongs to the garbage collector. While a scope is open the operations remember how their
 * results came about, so that {@link dev.sinew.graph.Gradients} can be asked for.
 *
 * {@snippet :
 * try (var scope = Scope.open()) {
 *     Tensor r = x.relu().matmul(w);
 *     Gradients g = Gradients.of(r.square().mean(), w);
 * }
 * }
 *
 * <p>A scope belongs to the thread that opened it, and scopes close in the reverse order of their opening.
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

    private final Owner owner = Owner.closeable("a scope");
    private final Thread thread = Thread.currentThread();
    private final Scope outer;
    private boolean closed;

    private Scope(Scope outer) {
        this.outer = outer;
    }

    /** Opens a scope inside the current one. */
    public static Scope open() {
        Scope scope = new Scope(CURRENT.get());
        CURRENT.set(scope);
        return scope;
    }

    /** Whether a scope is open on this thread. */
    public static boolean isOpen() {
        return CURRENT.get() != null;
    }

    /**
     * Copies a tensor out of this scope, into the one around it (or to the collector when there is none): it outlives
     * this scope. Gradients do not flow through the copy.
     */
    public Tensor keep(Tensor tensor) {
        checkUsable("keep");
        return tensor.copyTo(outer == null ? Owner.collected("the garbage collector") : outer.owner);
    }

    /**
     * Frees every tensor of this scope. Closing again does nothing.
     *
     * @throws IllegalStateException when another thread calls, an inner scope is still open, or an operation of another
     *     thread is running on this scope's tensors
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        checkUsable("close");
        owner.close();
        closed = true;
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
    }

    /**
     * Runs something as if no scope were open: what it makes belongs to the garbage collector.
     *
     * @hidden
     */
    public static <T> T outside(Supplier<T> action) {
        Scope scope = CURRENT.get();
        CURRENT.remove();
        try {
            return action.get();
        } finally {
            if (scope != null) {
                CURRENT.set(scope);
            }
        }
    }

    private void checkUsable(String what) {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException(what + ": this scope belongs to " + thread + ", not to " + Thread.currentThread());
        }
        if (closed) {
            throw new IllegalStateException(what + ": this scope is closed");
        }
        if (CURRENT.get() != this) {
            throw new IllegalStateException(what + ": an inner scope is still open");
        }
    }

    /**
     * Who owns tensors made now on this thread.
     *
     * @hidden
     */
    public static Owner currentOwner() {
        Scope scope = CURRENT.get();
        return scope == null ? Owner.collected("the garbage collector") : scope.owner;
    }
}
