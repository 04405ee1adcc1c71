// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension SchemaDump {
    /// Where this one is another than `reference`: a sentence for each object, in alphabetical order.
    package func differences(from reference: SchemaDump) -> [String] {
        let here = Dictionary(objects.map { ($0.title, $0.sql) }) { first, _ in first }
        let there = Dictionary(reference.objects.map { ($0.title, $0.sql) }) { first, _ in first }
        return Set(here.keys).union(there.keys).sorted().compactMap { title in
            switch (here[title], there[title]) {
            case (let sql?, let expected?):
                sql == expected ? nil : "\(title) is not as in schema.sql: \(Self.change(from: expected, to: sql))"
            case (nil, _): "\(title) of schema.sql is missing"
            case (_, nil): "\(title) is not in schema.sql"
            }
        }
    }

    /// Whether it has a table of `reference`, or any table when that is nil.
    func hasTable(of reference: SchemaDump?) -> Bool {
        let tables = Set(objects.map(\.title).filter { $0.hasPrefix("table ") })
        return reference.map { $0.objects.contains { tables.contains($0.title) } } ?? !tables.isEmpty
    }

    /// The lines that only one of the two has.
    private static func change(from expected: String, to sql: String) -> String {
        let expected = expected.split(separator: "\n")
        let present = sql.split(separator: "\n")
        let missing = expected.filter { !present.contains($0) }.map { "lacks \"\(line($0))\"" }
        let added = present.filter { !expected.contains($0) }.map { "has \"\(line($0))\"" }
        let changes = missing + added
        return changes.isEmpty ? "its lines are in another order" : changes.joined(separator: ", ")
    }

    private static func line(_ text: Substring) -> Substring {
        let line = text.drop(while: \.isWhitespace)
        return line.last == "," ? line.dropLast() : line
    }
}
