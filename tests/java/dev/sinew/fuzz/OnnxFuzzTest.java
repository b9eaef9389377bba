package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.onnx.OnnxException;
import dev.sinew.onnx.OnnxModel;
import dev.sinew.onnx.UnsupportedOnnxException;
import java.util.HashMap;
import java.util.Map;

class OnnxFuzzTest {
    private static final long MOST_ELEMENTS = 1 << 16;

    /** Loads a model and runs it on inputs of ones, if they are small. */
    @FuzzTest(maxDuration = "10m")
    void onnx(byte[] bytes) {
        try (Scope scope = Scope.open(); OnnxModel model = OnnxModel.of(bytes)) {
            Map<String, Tensor> inputs = new HashMap<>();
            for (OnnxModel.Port port : model.inputs()) {
                long[] sizes = port.sizes() == null ? new long[] {1} : port.sizes().clone();
                double count = 1;
                for (int d = 0; d < sizes.length; d++) {
                    sizes[d] = Math.max(1, sizes[d]);
                    count *= sizes[d];
                }
                if (count > MOST_ELEMENTS || sizes.length > Shape.MAX_RANK) {
                    return;
                }
                DType dtype = port.type().tensorType();
                inputs.put(port.name(), Tensor.full(dtype, Shape.of(sizes), 1));
            }
            model.run(inputs);
        } catch (OnnxException | UnsupportedOnnxException e) {
            if (e.getMessage() == null || e.getMessage().isEmpty()) {
                throw new AssertionError(e);
            }
        }
    }
}
