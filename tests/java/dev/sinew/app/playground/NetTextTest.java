package dev.sinew.app.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import dev.sinew.nn.Loss;
import dev.sinew.optim.Adadelta;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Sgd;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetTextTest {
    static final String DEMO = """
            layer_defs = [];
            // the demo's net
            layer_defs.push({type:'input', out_sx:1, out_sy:1, out_depth:2});
            layer_defs.push({type:'fc', num_neurons:6, activation: 'tanh'});
            layer_defs.push({"type":"fc", 'num_neurons':2, activation: "tanh",});
            layer_defs.push({type:'softmax', num_classes:2}) /* the
                end */
            net = new convnetjs.Net();
            net.makeLayers(layer_defs);
            var trainer = new convnetjs.SGDTrainer(net, {learning_rate:1e-2, momentum:.1, batch_size:10, l2_decay:0.001});
            """;

    private static Design design(String text) {
        return Design.of(text, Shape.of(2, 1, 1), false, 2);
    }

    private static String layers(String... layers) {
        return "layer_defs.push({type:'input', out_depth:2});" + String.join("", java.util.Arrays.stream(layers).map(l -> "\nlayer_defs.push({" + l + "});").toList());
    }

    @Test
    void readsTheDemo() {
        NetText net = NetText.parse(DEMO);
        assertThat(net.layers()).extracting(NetText.Part::line).containsExactly(3, 4, 5, 6);
        assertThat(net.layers().get(2).values()).isEqualTo(Map.of("type", "fc", "num_neurons", 2.0, "activation", "tanh"));
        assertThat(net.trainer().values()).isEqualTo(Map.of("learning_rate", 0.01, "momentum", 0.1, "batch_size", 10.0, "l2_decay", 0.001));
        Design design = design(DEMO);
        assertThat(design.architecture().parameterCount()).isEqualTo(2 * 6 + 6 + 6 * 2 + 2 + 2 * 2 + 2);
        assertThat(design.hidden()).containsExactly(new Design.Hidden("hidden1", 6), new Design.Hidden("hidden2", 2));
        assertThat(design.optimizer()).isEqualTo(Sgd.rate(0.01).momentum(0.1).weightDecay(0.001));
        assertThat(design.batch()).isEqualTo(10);
        assertThat(design.loss()).isEqualTo(Loss.crossEntropy());
    }

    @Test
    void theTrainers() {
        String net = layers("type:'svm', num_classes:2");
        assertThat(design(net).loss()).isEqualTo(Loss.hinge());
        assertThat(design(net + "trainer = new convnetjs.Trainer(net, {method:'adam', learning_rate:0.02});").optimizer()).isEqualTo(Adam.rate(0.02));
        Design adadelta = design(net + "trainer = new convnetjs.Trainer(net, {method:'adadelta', batch_size:20, l2_decay:0.001});");
        assertThat(adadelta.optimizer()).isEqualTo(Adadelta.rate(1).rho(0.95).weightDecay(0.001));
        assertThat(adadelta.rate()).isEqualTo(1);
    }

    @Test
    void aConvolutionalNet() {
        Design design = Design.of("""
                layer_defs.push({type:'input', out_sx:8, out_sy:8, out_depth:1});
                layer_defs.push({type:'conv', sx:3, filters:16, stride:1, pad:1, activation:'relu'});
                layer_defs.push({type:'pool', sx:2, stride:2});
                layer_defs.push({type:'dropout', drop_prob:0.2});
                layer_defs.push({type:'softmax', num_classes:10});
                """, Shape.of(1, 8, 8), false, 10);
        assertThat(design.architecture().parameterCount()).isEqualTo(9 * 16 + 16 + 4 * 4 * 16 * 10 + 10);
        assertThat(design.architecture().output()).isEqualTo(Shape.of(10));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            type:'fc', num_neurons:1e9 | Line 2: num_neurons must be a number from 1 to 200, not 1000000000.
            type:'fc', num_neurons:-1 | Line 2: num_neurons must be a number from 1 to 200, not -1.
            type:'fc', num_neurons:2.5 | Line 2: num_neurons must be a whole number, not 2.5.
            type:'fc', num_neurons:'six' | Line 2: num_neurons must be a number from 1 to 200, not 'six'.
            type:'fc', num_neurons:NaN | Line 2: num_neurons needs a number or a word in quotes, and not 'NaN'.
            type:'fc', num_neurons:1e999 | Line 2: num_neurons needs a number or a word in quotes, and not '1e999'.
            type:'fc', num_neurons:1.2.3 | Line 2: num_neurons needs a number or a word in quotes, and not '1.2.3'.
            type:'fc' | Line 2: num_neurons is missing.
            type:'fc', num_neurons:2, num_neurons:3 | Line 2: num_neurons is there twice.
            type:'fc', num_neurons:2, units:3 | Line 2: the option units is not known here; known are type, num_neurons, activation.
            type:'fc', num_neurons:2, activation:'swish' | Line 2: activation must be one of 'tanh', 'sigmoid', 'relu', 'linear', not 'swish'.
            type:'lstm' | Line 2: type must be one of 'input', 'fc', 'conv', 'pool', 'dropout', 'softmax', 'svm', 'regression', not 'lstm'.
            type:'input' | Line 2: the input is the first layer, and no other.
            type:'regression', num_neurons:2 | Line 2: the last layer here is softmax or svm, not regression.
            type:'softmax', num_classes:5 | Line 2: num_classes must be 2 here, not 5.
            type:'conv', sx:3, filters:4 | Line 2: it does not fit the layers before it, layer conv1: conv: needs [channels, height, width]
            type 'fc' | Line 2: here comes :, and not 'fc'.
            type:'fc | Line 2: the text that begins with ' has no end.
            """)
    void sayWhatIsWrong(String layer, String message) {
        assertThatThrownBy(() -> design(layers(layer))).isInstanceOf(Mistake.class).hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            learning_rate:0/0 | Line 3: here comes ,, and not '/'.
            learning_rate:-1 | Line 3: learning_rate must be a number from 0 to 100, not -1.
            batch_size:100000 | Line 3: batch_size must be a number from 1 to 256, not 100000.
            method:'windowgrad' | Line 3: method must be one of 'sgd', 'adadelta', 'adagrad', 'adam', not 'windowgrad'.
            momentum:1 | Line 3: momentum must be a number from 0 to 0.9999, not 1.
            """)
    void sayWhatIsWrongWithTheTrainer(String option, String message) {
        String text = layers("type:'softmax', num_classes:2") + "\ntrainer = new convnetjs.Trainer(net, {" + option + "});";
        assertThatThrownBy(() -> design(text)).isInstanceOf(Mistake.class).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "alert(1)", "layer_defs", "layer_defs.push(", "layer_defs.push({", "layer_defs.push({type:", "{", "'", "/*", "layer_defs = [1];",
        "trainer = new convnetjs.Trainer(net, {", "while(true){}", "layer_defs.push({type:'input', out_depth:3});", "\0\uffff", "-", "+.", "é=1"})
    void nonsenseIsAMistake(String text) {
        assertThatThrownBy(() -> design(text)).isInstanceOf(Mistake.class).message().isNotBlank();
    }

    @Test
    void largeNetsAreRefused() {
        String[] wide = new String[8];
        java.util.Arrays.fill(wide, "type:'fc', num_neurons:200, activation:'relu'");
        wide[7] = "type:'softmax', num_classes:2";
        assertThatThrownBy(() -> design(layers(wide))).isInstanceOf(Mistake.class).hasMessageContaining("weights; 100,000 are the most");
        String[] deep = new String[30];
        java.util.Arrays.fill(deep, "type:'fc', num_neurons:2");
        assertThatThrownBy(() -> design(layers(deep))).isInstanceOf(Mistake.class).hasMessageContaining("31 layers; 20 are the most");
        assertThatThrownBy(() -> design(" ".repeat(30_000))).isInstanceOf(Mistake.class).hasMessageContaining("characters");
    }
}
