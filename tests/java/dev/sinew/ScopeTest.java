package dev.sinew;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who owns tensors, and what happens after the owner is closed. */
@ExtendWith(Scoped.class)
class ScopeTest {
    @Test
    void tensorsAreFreedWithTheInnermostScope() {
        long before = LiveMemory.settled();
        try (Scope outer = Scope.open()) {
            Tensor a = Tensor.zeros(100);
            try (Scope inner = Scope.open()) {
                a.add(1).mul(2).reshape(10, 10);
                assertThat(NativeMemory.liveBytes()).isEqualTo(before + 1200);
            }
            assertThat(NativeMemory.liveBytes()).isEqualTo(before + 400);
            assertThat(NativeMemory.peakBytes()).isGreaterThanOrEqualTo(before + 1200);
            assertThat(a.get(0)).isZero();
        }
        assertThat(NativeMemory.liveBytes()).isEqualTo(before);
    }

    @Test
    void whatIsKeptMovesToTheScopeAround() {
        Tensor kept;
        try (Scope inner = Scope.open()) {
            Tensor a = Tensor.of(new float[] {1, 2}, 2);
            kept = inner.keep(a);
        }
        assertThat(kept.toDoubles()).containsExactly(1, 2);
    }

    @Test
    void everyUseAfterCloseThrows() {
        Scope scope = Scope.open();
        Tensor a = Tensor.of(new float[] {1}, 1);
        Tensor image = Tensor.zeros(1, 2, 2, 2);
        Tensor view = a.reshape(1, 1);
        Tensor detached = a.detach();
        scope.close();
        Tensor live = Tensor.zeros(1);
        List<ThrowingCallable> uses = List.of(a::item, () -> a.get(0), a::toFloats, a::toDoubles, a::toInts, () -> a.set(1), () -> a.fill(1),
                () -> a.fill(0), () -> a.copyFrom(new float[] {1}), () -> a.copyFrom(live), () -> live.copyFrom(a), a::copy, () -> a.add(1), () -> a.add(live),
                () -> live.add(a), () -> a.reshape(1, 1), view::item, detached::item, a::sum, () -> a.matmul(a.reshape(1, 1)),
                () -> image.permute(0, 2, 3, 1), () -> Tensor.concat(0, live, a));
        for (ThrowingCallable use : uses) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessageContaining("a scope, which is closed");
        }
        assertThat(a).hasToString("f32[1] closed");
        assertThat(a.shape()).isEqualTo(Shape.of(1));
    }

    @Test
    void theErrorShowsWhereTheOwnerWasClosed() {
        Scope scope = Scope.open();
        Tensor a = Tensor.zeros(1);
        scope.close();
        if (Boolean.getBoolean("sinew.checks")) {
            assertThatThrownBy(a::item).cause().hasStackTraceContaining("theErrorShowsWhereTheOwnerWasClosed");
        } else {
            assertThatThrownBy(a::item).hasMessageContaining("-Dsinew.checks=true").hasNoCause();
        }
    }

    @Test
    void scopesCloseInReverseOrderAndOnTheirThread() throws InterruptedException {
        Scope outer = Scope.open();
        Scope inner = Scope.open();
        assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class).hasMessageContaining("inner scope is still open");
        assertThatThrownBy(() -> outer.keep(Tensor.zeros(1))).isInstanceOf(IllegalStateException.class);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread.ofPlatform().start(() -> {
            try {
                inner.close();
            } catch (IllegalStateException e) {
                thrown.set(e);
            }
        }).join();
        assertThat(thrown.get()).hasMessageContaining("belongs to");
        inner.close();
        inner.close();
        assertThatThrownBy(() -> inner.keep(Tensor.zeros(1))).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        outer.close();
    }

    @Test
    void anotherThreadHasNoScopeButMayUseTheTensors() throws InterruptedException {
        Tensor a = Tensor.of(new float[] {1, 2, 3}, 3);
        AtomicReference<Object> seen = new AtomicReference<>();
        Thread.ofPlatform().start(() -> {
            try (Scope own = Scope.open()) {
                seen.set(a.mul(2).toDoubles());
            } catch (Throwable e) {
                seen.set(e);
            }
        }).join();
        assertThat(seen.get()).isEqualTo(new double[] {2, 4, 6});
    }

    @Test
    void closingWhileAnotherThreadComputesIsRefusedOrWaitsForNobody() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        Scope scope = Scope.open();
        Tensor a = Tensor.zeros(400, 400);
        Thread worker = Thread.ofPlatform().start(() -> {
            started.countDown();
            try {
                for (int i = 0; i < 10_000; i++) {
                    try (Scope own = Scope.open()) {
                        a.matmul(a);
                    }
                }
                wrong.set(new AssertionError("the scope never closed"));
            } catch (IllegalStateException e) {
                // the scope was closed between two products
            } catch (Throwable e) {
                wrong.set(e);
            }
        });
        started.await();
        boolean closed = false;
        while (!closed) {
            try {
                scope.close();
                closed = true;
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("an operation is running");
                Thread.onSpinWait();
            }
        }
        worker.join();
        assertThat(wrong.get()).isNull();
    }

    @Test
    void withoutAScopeTheCollectorFrees() throws InterruptedException {
        long before = NativeMemory.liveBytes();
        Scope.outside(() -> {
            for (int i = 0; i < 100; i++) {
                Tensor.zeros(1000).add(1);
            }
            return null;
        });
        for (int i = 0; i < 100 && NativeMemory.liveBytes() > before; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(NativeMemory.liveBytes()).isLessThanOrEqualTo(before);
    }

    @Test
    void tooMuchMemoryIsAnErrorNotACrash() {
        assertThatThrownBy(() -> {
            for (int i = 0; i < 20; i++) {
                // 8 TiB each: where untouched memory is promised to everybody, the address space of 47 bits ends it
                Tensor.empty(DType.F64, Shape.of(1L << 40));
            }
        }).isInstanceOf(OutOfMemoryError.class).hasMessageContaining("8796093022208 bytes");
    }
}
