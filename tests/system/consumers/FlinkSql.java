// SPDX-License-Identifier: Apache-2.0
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** Runs the statements of a file in this JVM, over what the topic holds now. Prints "row" and the columns of each row that a
 *  SELECT gives, each in base64. */
public class FlinkSql {
    public static void main(String[] args) throws Exception {
        TableEnvironment env = TableEnvironment.create(EnvironmentSettings.inBatchMode());
        String sql = Files.readString(Path.of(args[0])).replaceAll("(?m)--.*$", "");
        for (String statement : sql.split(";")) {
            if (statement.isBlank())
                continue;
            TableResult result = env.executeSql(statement);
            if (!statement.strip().startsWith("SELECT"))
                continue;
            try (CloseableIterator<Row> rows = result.collect()) {
                while (rows.hasNext())
                    print(rows.next());
            }
        }
    }

    private static void print(Row row) {
        StringBuilder line = new StringBuilder("row");
        for (int i = 0; i < row.getArity(); i++) {
            byte[] text = String.valueOf(row.getField(i)).getBytes(StandardCharsets.UTF_8);
            line.append(' ').append(Base64.getEncoder().encodeToString(text));
        }
        System.out.println(line);
    }
}
