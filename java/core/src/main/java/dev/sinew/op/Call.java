package dev.sinew.op;

import dev.sinew.Spec;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_call;
import dev.sinew.internal.Native;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Receives the native calls of one operation: the argument structures go to memory that the caller chose, the addresses
 * of the inputs and outputs are filled in (or left empty when only the sizes matter).
 */
public final class Call {
    /** Told where in an argument structure an input's address stands, so that it can be changed later. */
    public interface InputListener {
        /** Input {@code i}'s address was written at {@code offset} of {@code struct}. */
        void inputAt(int i, MemorySegment struct, long offset);
    }

    private record Entry(int code, MemorySegment args) {}

    private final SegmentAllocator memory;
    private final List<Spec> inputs;
    private final List<Spec> outputs;
    private final long[] inputAddresses;
    private final long[] outputAddresses;
    private final long workspaceAddress;
    private final InputListener listener;
    private final List<Entry> entries = new ArrayList<>(1);
    private long workspaceBytes;

    /**
     * A call for tensors at those addresses.
     *
     * @param inputAddresses null: no addresses yet
     * @param workspaceAddress where scratch memory begins, if addresses are given
     * @param listener may be null
     * @hidden
     */
    public Call(SegmentAllocator memory, List<Spec> inputs, List<Spec> outputs, long[] inputAddresses,
            long[] outputAddresses, long workspaceAddress, InputListener listener) {
        this.memory = memory;
        this.inputs = inputs;
        this.outputs = outputs;
        this.inputAddresses = inputAddresses;
        this.outputAddresses = outputAddresses;
        this.workspaceAddress = workspaceAddress;
        this.listener = listener;
    }

    /** How many inputs the operation was given. */
    public int inputs() {
        return inputs.size();
    }

    /** What is known of input {@code i}. */
    public Spec input(int i) {
        return inputs.get(i);
    }

    /** What is known of output {@code i}. */
    public Spec output(int i) {
        return outputs.get(i);
    }

    /** Begins a native call: a cleared argument structure of that layout. */
    public MemorySegment begin(int code, MemoryLayout layout) {
        MemorySegment args = memory.allocate(layout.byteSize(), 8).fill((byte) 0);
        entries.add(new Entry(code, args));
        return args;
    }

    /** Writes input {@code i}'s address into the structure. */
    public void in(MemorySegment struct, long offset, int i) {
        if (inputAddresses != null) {
            struct.set(ValueLayout.JAVA_LONG, offset, inputAddresses[i]);
        }
        if (listener != null) {
            listener.inputAt(i, struct, offset);
        }
    }

    /** Writes output {@code i}'s address into the structure. */
    public void out(MemorySegment struct, long offset, int i) {
        if (outputAddresses != null) {
            struct.set(ValueLayout.JAVA_LONG, offset, outputAddresses[i]);
        }
    }

    /** Writes the sizes into an {@code int64_t[8]} field. */
    public void longs(MemorySegment struct, long offset, long[] values) {
        MemorySegment.copy(values, 0, struct, ValueLayout.JAVA_LONG, offset, values.length);
    }

    /** An array beside the structures, for fields that point to one. */
    public MemorySegment array(long count) {
        return memory.allocate(count * 8, 8).fill((byte) 0);
    }

    /** Asks the library how much scratch memory the filled structure needs and provides it. */
    public void workspace(MemorySegment struct, long pointerOffset, long bytesOffset) {
        Native.load();
        long bytes = Sinew.sn_workspace_bytes(entries.getLast().code, struct);
        if (bytes < 0) {
            throw new IllegalStateException("sn_workspace_bytes refuses " + inputs + ": " + Sinew.sn_status_text((int) -bytes).getString(0));
        }
        if (inputAddresses != null) {
            struct.set(ValueLayout.JAVA_LONG, pointerOffset, bytes == 0 ? 0 : workspaceAddress);
        }
        struct.set(ValueLayout.JAVA_LONG, bytesOffset, bytes);
        workspaceBytes = Math.max(workspaceBytes, bytes);
    }

    /**
     * The most scratch memory one of the calls needs.
     *
     * @hidden
     */
    public long workspaceBytes() {
        return workspaceBytes;
    }

    /**
     * The number of native calls.
     *
     * @hidden
     */
    public int count() {
        return entries.size();
    }

    /**
     * Writes the calls as an array of {@code sn_call}, from index {@code from}.
     *
     * @hidden
     */
    public void write(MemorySegment calls, long from) {
        for (int i = 0; i < entries.size(); i++) {
            MemorySegment call = sn_call.asSlice(calls, from + i);
            sn_call.code(call, entries.get(i).code);
            sn_call.status(call, 0);
            sn_call.args(call, entries.get(i).args);
        }
    }
}
