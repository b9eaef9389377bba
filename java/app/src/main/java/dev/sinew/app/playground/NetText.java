package dev.sinew.app.playground;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A net and its trainer as text, in the form that ConvNetJS's demos use: a few statements of JavaScript, which are read here
 * and never run.
 *
 * <pre>
 * layer_defs = [];
 * layer_defs.push({type:'input', out_sx:1, out_sy:1, out_depth:2});
 * layer_defs.push({type:'fc', num_neurons:6, activation:'tanh'});
 * layer_defs.push({type:'softmax', num_classes:2});
 * net = new convnetjs.Net();
 * net.makeLayers(layer_defs);
 * trainer = new convnetjs.Trainer(net, {method:'sgd', learning_rate:0.01, momentum:0.1, batch_size:10, l2_decay:0.001});
 * </pre>
 *
 * <p>The values are numbers ({@link Double}) and words ({@link String}).
 *
 * @param layers one after the other
 * @param trainer its options
 */
record NetText(List<Part> layers, Part trainer) {
    private static final int LONGEST = 20_000;

    /**
     * What stands between braces.
     *
     * @param line where it begins, from 1
     */
    record Part(int line, Map<String, Object> values) {}

    private enum Kind {
        WORD, NUMBER, STRING, SIGN, END
    }

    private record Token(Kind kind, String text, int line) {
        boolean is(String sign) {
            return text.equals(sign) && kind != Kind.STRING;
        }

        String shown() {
            return kind == Kind.END ? "the end" : "'" + text + "'";
        }
    }

    /** Reads it; a mistake names the line. */
    static NetText parse(String text) {
        if (text.length() > LONGEST) {
            throw Mistake.of("The net's text has %,d characters; %,d are the most.", text.length(), LONGEST);
        }
        return new Reader(tokens(text)).read();
    }

    private static List<Token> tokens(String text) {
        List<Token> tokens = new ArrayList<>();
        int line = 1;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int from = i;
            if (c == '\n') {
                line++;
                i++;
            } else if (Character.isWhitespace(c)) {
                i++;
            } else if (text.startsWith("//", i)) {
                i = until(text, "\n", i);
            } else if (text.startsWith("/*", i)) {
                i = Math.min(text.length(), until(text, "*/", i + 2) + 2);
                line += (int) text.substring(from, i).chars().filter(x -> x == '\n').count();
            } else if (c == '\'' || c == '"') {
                i = until(text, String.valueOf(c), i + 1);
                if (i == text.length() || text.substring(from, i).contains("\n")) {
                    throw Mistake.of("Line %d: the text that begins with %s has no end.", line, c);
                }
                tokens.add(new Token(Kind.STRING, text.substring(from + 1, i++), line));
            } else if (Character.isLetter(c) || c == '_') {
                while (i < text.length() && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')) {
                    i++;
                }
                tokens.add(new Token(Kind.WORD, text.substring(from, i), line));
            } else if (isDigit(c) || (c == '.' || c == '-' || c == '+') && i + 1 < text.length() && (isDigit(text.charAt(i + 1)) || text.charAt(i + 1) == '.')) {
                i++;
                while (i < text.length() && (isDigit(text.charAt(i)) || ".eE".indexOf(text.charAt(i)) >= 0
                        || "+-".indexOf(text.charAt(i)) >= 0 && "eE".indexOf(text.charAt(i - 1)) >= 0)) {
                    i++;
                }
                tokens.add(new Token(Kind.NUMBER, text.substring(from, i), line));
            } else {
                tokens.add(new Token(Kind.SIGN, String.valueOf(c), line));
                i++;
            }
        }
        tokens.add(new Token(Kind.END, "", line));
        return tokens;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int until(String text, String end, int from) {
        int at = text.indexOf(end, from);
        return at < 0 ? text.length() : at;
    }

    private static final class Reader {
        private final List<Token> tokens;
        private int at;

        Reader(List<Token> tokens) {
            this.tokens = tokens;
        }

        NetText read() {
            List<Part> layers = new ArrayList<>();
            Part trainer = new Part(1, Map.of());
            while (peek().kind != Kind.END) {
                Token start = next();
                if (start.is(";") || start.is("var") || start.is("let") || start.is("const")) {
                    continue;
                }
                if (start.is("layer_defs") && peek().is(".")) {
                    expect(".", "push", "(");
                    layers.add(part());
                    expect(")");
                } else if (start.is("layer_defs")) {
                    expect("=", "[", "]");
                    layers.clear();
                } else if (start.is("net") && peek().is(".")) {
                    expect(".", "makeLayers", "(", "layer_defs", ")");
                } else if (start.is("net")) {
                    expect("=", "new", "convnetjs", ".", "Net", "(", ")");
                } else if (start.is("trainer")) {
                    expect("=", "new", "convnetjs", ".");
                    if (!peek().is("Trainer")) {
                        expect("SGDTrainer");
                    } else {
                        next();
                    }
                    expect("(", "net", ",");
                    trainer = part();
                    expect(")");
                } else {
                    throw Mistake.of("Line %d: %s is not known here. A line adds a layer, layer_defs.push({type:'fc', num_neurons:6, activation:'tanh'});"
                            + " or sets the trainer, trainer = new convnetjs.Trainer(net, {learning_rate:0.01});", start.line, start.shown());
                }
            }
            return new NetText(List.copyOf(layers), trainer);
        }

        private Part part() {
            int line = peek().line;
            Map<String, Object> values = new LinkedHashMap<>();
            expect("{");
            while (!peek().is("}")) {
                Token key = next();
                if (key.kind != Kind.WORD && key.kind != Kind.STRING) {
                    throw Mistake.of("Line %d: the name of an option belongs here, such as type, and not %s.", key.line, key.shown());
                }
                expect(":");
                if (values.put(key.text, value(key)) != null) {
                    throw Mistake.of("Line %d: %s is there twice.", key.line, key.text);
                }
                if (!peek().is("}")) {
                    expect(",");
                }
            }
            expect("}");
            return new Part(line, values);
        }

        private Object value(Token key) {
            Token token = next();
            if (token.kind == Kind.STRING) {
                return token.text;
            }
            try {
                double number = token.kind == Kind.NUMBER ? Double.parseDouble(token.text) : Double.NaN;
                if (Double.isFinite(number)) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw Mistake.of("Line %d: %s needs a number or a word in quotes, and not %s.", token.line, key.text, token.shown());
        }

        private Token peek() {
            return tokens.get(at);
        }

        private Token next() {
            Token token = tokens.get(at);
            at = Math.min(at + 1, tokens.size() - 1);
            return token;
        }

        private void expect(String... words) {
            for (String word : words) {
                Token token = next();
                if (!token.is(word)) {
                    throw Mistake.of("Line %d: here comes %s, and not %s.", token.line, word, token.shown());
                }
            }
        }
    }
}
