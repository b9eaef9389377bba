package dev.sinew.app.playground;

import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The pages that are open, each known by a secret of its own. */
final class Visitors implements AutoCloseable {
    static final int MOST = 32;
    /** A page says every 20 s that it is open; in the background a browser lets it speak once a minute. */
    private static final long AWAY_SECONDS = 300;
    /** One that was silent for so long makes room for another when all places are taken. */
    private static final long SILENT_SECONDS = 90;

    private final SecureRandom secrets = new SecureRandom();
    private final Map<String, Visitor> here = new HashMap<>();
    private final Rounds rounds = new Rounds();
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("visitors").factory());

    Visitors() {
        watch.scheduleWithFixedDelay(() -> leave(AWAY_SECONDS), 30, 30, TimeUnit.SECONDS);
    }

    /** A new one; returns its secret. */
    synchronized String enter() {
        if (here.size() >= MOST) {
            here.entrySet().stream().max(Comparator.comparing(e -> e.getValue().awaySeconds())).filter(e -> e.getValue().awaySeconds() >= SILENT_SECONDS)
                    .ifPresent(e -> end(e.getKey()));
        }
        if (here.size() >= MOST) {
            throw Mistake.of("%d pages are open already: close one of them, then reload this one.", MOST);
        }
        byte[] secret = new byte[16];
        secrets.nextBytes(secret);
        String token = HexFormat.of().formatHex(secret);
        here.put(token, new Visitor(rounds));
        return token;
    }

    /** The one with a secret, or null. */
    synchronized Visitor get(String token) {
        Visitor visitor = token == null ? null : here.get(token);
        if (visitor != null) {
            visitor.isHere();
        }
        return visitor;
    }

    /** Ends a session, if there is one with that secret. */
    void end(String token) {
        Visitor visitor;
        synchronized (this) {
            visitor = token == null ? null : here.remove(token);
        }
        if (visitor != null) {
            visitor.close();
        }
    }

    synchronized void endAll() {
        java.util.List.copyOf(here.keySet()).forEach(this::end);
    }

    synchronized int count() {
        return here.size();
    }

    private synchronized void leave(long seconds) {
        here.entrySet().stream().filter(e -> e.getValue().awaySeconds() >= seconds).map(Map.Entry::getKey).toList().forEach(this::end);
    }

    @Override
    public synchronized void close() {
        watch.shutdownNow();
        rounds.close();
        endAll();
    }
}
