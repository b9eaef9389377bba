package dev.sinew;

/** What a test compares native memory with. */
public final class LiveMemory {
    private LiveMemory() {}

    /** The live bytes once what other tests have left to the garbage collector is gone: it would be missing in the end. */
    public static long settled() {
        long live = NativeMemory.liveBytes();
        for (int same = 0; same < 3; ) {
            System.gc();
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return NativeMemory.liveBytes();
            }
            long now = NativeMemory.liveBytes();
            same = now == live ? same + 1 : 0;
            live = now;
        }
        return live;
    }
}
