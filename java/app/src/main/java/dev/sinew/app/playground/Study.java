package dev.sinew.app.playground;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Network;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;

/** One training of one visitor: a net, its data, and what the page asks about it. Every method holds the lock. */
abstract class Study implements AutoCloseable {
    /** Steps in a second, at most. */
    private static final int FASTEST = 1_000_000;
    /** A training that nobody looks at for so long rests until somebody does. */
    private static final long UNSEEN_NANOS = 3_000_000_000L;

    /** Fair, so that a page is answered between two slices of its training. */
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Rounds rounds;
    protected SplittableRandom random = new SplittableRandom();
    protected Design design;
    protected Network net;
    private TrainStep step;
    private Tensor x;
    private Tensor target;
    protected long steps;
    private final LossCurve curve = new LossCurve();
    private boolean running;
    private boolean queued;
    private boolean closed;
    private String trouble = "";
    private int speed = 1000;
    private double due;
    private long last;
    private long seen;

    Study(Rounds rounds) {
        this.rounds = rounds;
    }

    /** The session ended while the request was on its way. */
    static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    // ---- what each kind of study says ----

    /** The design of a text, checked for this study. */
    abstract Design design(String text);

    /** The shape of one target; null: labels. */
    abstract Shape targetShape();

    /** Whether there is something to learn from. */
    abstract boolean hasData();

    /** Writes a batch of samples, chosen at random, into the two tensors. */
    abstract void draw(Tensor x, Tensor target);

    /** Answers what only this kind of study knows. */
    abstract Map<String, Object> answer(String action, JsonNode body);

    /** What the page shows of the net as it is. */
    abstract void picture(JsonNode body, Map<String, Object> frame);

    // ---- the page ----

    final Map<String, Object> handle(String action, JsonNode body) {
        lock.lock();
        try {
            if (closed) {
                throw new Ended();
            }
            return switch (action) {
                case "net" -> build(Fields.text(body, "text"), Fields.has(body, "seed") ? Fields.whole(body, "seed", 0, Integer.MAX_VALUE) : random.nextInt());
                case "run" -> run(body);
                case "frame" -> frame(body);
                default -> answer(action, body);
            };
        } finally {
            lock.unlock();
        }
    }

    private Map<String, Object> build(String text, long seed) {
        Design next = design(text);
        Network made = next.architecture().build(Seed.of(seed));
        TrainStep compiled;
        try {
            compiled = Trainer.of(made, next.loss(), next.optimizer()).compile(next.batch());
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
        free();
        design = next;
        net = made;
        step = compiled;
        random = new SplittableRandom(seed);
        x = Tensor.empty(DType.F32, next.architecture().input().withFirst(next.batch()));
        target = targetShape() == null ? Tensor.empty(DType.I32, Shape.of(next.batch())) : Tensor.empty(DType.F32, targetShape().withFirst(next.batch()));
        steps = 0;
        trouble = "";
        curve.clear();
        wake();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("parameters", next.architecture().parameterCount());
        answer.put("summary", next.architecture().summary());
        answer.put("hidden", next.hidden());
        return answer;
    }

    private Map<String, Object> run(JsonNode body) {
        if (Fields.has(body, "speed")) {
            speed = Fields.whole(body, "speed", 1, FASTEST);
        }
        running = Fields.yes(body, "running");
        if (running && net == null) {
            running = false;
            throw new Mistake("There is no net yet: write one first.");
        }
        if (running && !trouble.isEmpty()) {
            running = false;
            throw new Mistake(trouble);
        }
        seen = System.nanoTime();
        wake();
        return Map.of("running", running);
    }

    private Map<String, Object> frame(JsonNode body) {
        seen = System.nanoTime();
        wake();
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("running", running);
        frame.put("steps", steps);
        frame.put("trouble", trouble);
        frame.put("curve", curve.points());
        if (net != null) {
            try (var _ = Scope.open()) {
                picture(body, frame);
            }
        }
        return frame;
    }

    // ---- training ----

    /** To be called when something has changed that the training may have waited for. */
    protected final void wake() {
        if (!queued && wanted()) {
            queued = true;
            last = System.nanoTime();
            due = 1;
            rounds.add(this);
        }
    }

    private boolean wanted() {
        return running && !closed && net != null && hasData() && System.nanoTime() - seen < UNSEEN_NANOS;
    }

    /** Learns for a while; returns after how many nanoseconds it wants another turn, or -1: it does not until {@link #wake}. */
    final long slice(long nanos) {
        lock.lock();
        try {
            if (!wanted()) {
                queued = false;
                return -1;
            }
            long begin = System.nanoTime();
            // what a pause left undone is not made up for
            due = Math.min(due + speed * ((begin - last) / 1e9), Math.max(1, speed * 0.1));
            last = begin;
            while (due >= 1 && running && System.nanoTime() - begin < nanos) {
                learn();
                due--;
            }
            return due >= 1 ? 0 : Math.max(5_000_000L, (long) ((1 - due) / speed * 1e9));
        } catch (RuntimeException | Error e) {
            stop("The training ended: " + e.getMessage());
            queued = false;
            return -1;
        } finally {
            lock.unlock();
        }
    }

    private void learn() {
        draw(x, target);
        double loss = step.step(x, target, design.rate());
        steps++;
        if (Double.isFinite(loss)) {
            curve.add(steps, loss);
        } else {
            stop("After " + steps + " steps the loss is no number any more: the steps were too large. Try a smaller learning_rate, then Restart.");
        }
    }

    private void stop(String why) {
        running = false;
        trouble = why;
    }

    private void free() {
        if (step != null) {
            step.close();
            net.close();
            step = null;
            net = null;
        }
    }

    @Override
    public final void close() {
        lock.lock();
        try {
            closed = true;
            running = false;
            free();
        } finally {
            lock.unlock();
        }
    }
}
