package dev.sinew.guide;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.tools.DocumentationTool;
import javax.tools.ToolProvider;
import jdk.javadoc.doclet.Doclet;
import jdk.javadoc.doclet.DocletEnvironment;
import jdk.javadoc.doclet.Reporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every public class, method, constructor, field and constant of the library has Javadoc, and no Javadoc is malformed. The list
 * of them is written to {@code tests/target/api.txt}.
 */
@DisabledIfEnvironmentVariable(named = "SINEW_MAX_ISA", matches = "avx.*", disabledReason = "it does not depend on it")
class JavadocTest {
    private static final Path ROOT = Path.of(System.getProperty("sinew.golden", "tests/golden/data")).toAbsolutePath().resolve("../../..").normalize();
    private static final List<String> MODULES = List.of("core", "models", "files", "onnx");

    @Test
    void everythingPublicIsDocumented() throws IOException {
        document(Coverage.class);
        Path list = ROOT.resolve("tests/target/api.txt");
        Files.createDirectories(list.getParent());
        Files.write(list, Coverage.documented);
        System.out.printf(Locale.ROOT, "Javadoc: %,d public entries are documented, %d are not (tests/target/api.txt)%n", Coverage.documented.size(),
                Coverage.missing.size());
        assertThat(Coverage.missing).isEmpty();
        assertThat(Coverage.documented).hasSizeGreaterThan(1000);
    }

    /** No broken links, tags or HTML. ("missing" would ask for a @param and a @return of everything: a sentence often says it all.) */
    @Test
    void javadocIsMadeWithoutWarnings(@TempDir Path pages) throws IOException {
        assertThat(document(null, "-Xdoclint:all,-missing", "-notimestamp", "-noindex", "-d", pages.toString())).isEmpty();
    }

    /** Runs javadoc on the public classes of all modules, and returns its messages. */
    private static String document(Class<? extends Doclet> doclet, String... more) throws IOException {
        List<String> files = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> found = Files.walk(ROOT.resolve("java/" + module + "/src/main/java"))) {
                found.filter(f -> f.toString().endsWith(".java") && !f.endsWith("module-info.java")).map(Path::toString).forEach(files::add);
            }
        }
        DocumentationTool tool = ToolProvider.getSystemDocumentationTool();
        StringWriter messages = new StringWriter();
        try (var manager = tool.getStandardFileManager(null, null, null)) {
            List<String> options = new ArrayList<>(List.of("-Xmaxwarns", "1000", "-public", "-quiet",
                    "-sourcepath", ROOT.resolve("tests/golden").toString(), "-classpath", System.getProperty("java.class.path")));
            options.addAll(List.of(more));
            boolean made = tool.getTask(messages, manager, null, doclet, options, manager.getJavaFileObjectsFromStrings(files)).call();
            assertThat(made).as(messages.toString()).isTrue();
        }
        return messages.toString();
    }

    /** Looks at every public element; the tool makes it by its class, hence the static results. */
    public static final class Coverage implements Doclet {
        static final Set<String> documented = new TreeSet<>();
        static final Set<String> missing = new TreeSet<>();

        @Override
        public void init(Locale locale, Reporter reporter) {
            documented.clear();
            missing.clear();
        }

        @Override
        public String getName() {
            return "coverage";
        }

        @Override
        public Set<? extends Option> getSupportedOptions() {
            return Set.of();
        }

        @Override
        public SourceVersion getSupportedSourceVersion() {
            return SourceVersion.latest();
        }

        @Override
        public boolean run(DocletEnvironment environment) {
            for (TypeElement type : ElementFilter.typesIn(environment.getIncludedElements())) {
                if (type.getQualifiedName().toString().contains(".internal.")) {
                    continue;
                }
                look(environment, type, type);
                for (Element member : type.getEnclosedElements()) {
                    if (environment.isIncluded(member) && !member.getKind().isClass() && !member.getKind().isInterface()) {
                        look(environment, type, member);
                    }
                }
            }
            return true;
        }

        private static void look(DocletEnvironment environment, TypeElement type, Element element) {
            boolean implied = environment.getElementUtils().getOrigin(element) != Elements.Origin.EXPLICIT && type.getKind() != ElementKind.CLASS;
            boolean ofEnum = type.getKind() == ElementKind.ENUM && Set.of("values", "valueOf").contains(element.getSimpleName().toString());
            if (implied || ofEnum || element.getKind() == ElementKind.RECORD_COMPONENT) {
                return;
            }
            DocCommentTree comment = environment.getDocTrees().getDocCommentTree(element);
            boolean said = comment != null && !comment.getFullBody().isEmpty();
            (said || inherits(environment, type, element) ? documented : missing).add(element == type ? type.toString() : type + "." + element);
        }

        /** Whether a method overrides another one, whose documentation it has, or reads a component that the record documents. */
        private static boolean inherits(DocletEnvironment environment, TypeElement type, Element element) {
            if (!(element instanceof ExecutableElement method)) {
                return false;
            }
            Elements elements = environment.getElementUtils();
            return method.getAnnotation(Override.class) != null || elements.recordComponentFor(method) != null
                    || ElementFilter.methodsIn(elements.getTypeElement("java.lang.Object").getEnclosedElements()).stream()
                            .anyMatch(known -> elements.overrides(method, known, type));
        }
    }
}
