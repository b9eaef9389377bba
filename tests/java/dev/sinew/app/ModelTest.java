package dev.sinew.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelTest {
    @ParameterizedTest
    @CsvSource({"SOFTMAX, 1x28x28, 7850", "MLP, 1x28x28, 669706", "MLP, 1x8x8, 301066", "LENET5, 1x28x28, 61706", "LENET5, 1x8x8, 99370",
        "CNN, 1x28x28, 468010", "RESNET20, 3x32x32, 272474", "RESNET20, 1x28x28, 272186"})
    void parameters(Model model, String input, long count) {
        assertThat(model.build(new InputShape().convert(input), 10).architecture().parameterCount()).isEqualTo(count);
    }

    @ParameterizedTest
    @EnumSource(Model.class)
    void everyNetFitsEveryDataSet(Model model) {
        for (Data data : Data.values()) {
            int side = data == Data.DIGITS ? 8 : data == Data.MNIST || data == Data.FASHION_MNIST ? 28 : 32;
            assertThat(model.build(Shape.of(data.scale().mean().size(), side, side), 10).architecture().output()).isEqualTo(Shape.of(10));
            assertThat(Recipe.of(model, data).optimizer()).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"MLP, 669706", "LENET, 61706", "CNN, 468010", "RESNET20, 272474", "VGG11, 10274698", "RESNET18, 11689512", "XOR, 17"})
    void workloads(Workload workload, long count) {
        var architecture = workload.build().architecture();
        assertThat(architecture.parameterCount()).isEqualTo(count);
        assertThat(architecture.output()).isEqualTo(Shape.of(workload.classes()));
    }

    @Test
    void imagesOnly() {
        assertThatThrownBy(() -> Model.MLP.build(Shape.of(784), 10)).hasMessageContaining("needs images").hasMessageContaining("[784]");
    }
}
