// Parses Java sources, without the libraries that they need; prints each mistake of syntax.
import com.sun.source.util.JavacTask;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

class Parse {
    public static void main(String[] arguments) throws Exception {
        List<File> files;
        try (var found = Files.walk(Path.of(arguments[0]))) {
            files = found.map(Path::toFile).filter(one -> one.getName().endsWith(".java")).toList();
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        var manager = compiler.getStandardFileManager(null, null, null);
        var mistakes = new DiagnosticCollector<JavaFileObject>();
        var sources = manager.getJavaFileObjectsFromFiles(files);
        ((JavacTask) compiler.getTask(null, manager, mistakes, null, null, sources)).parse();
        mistakes.getDiagnostics().forEach(System.err::println);
        System.exit(mistakes.getDiagnostics().isEmpty() && !files.isEmpty() ? 0 : 1);
    }
}
