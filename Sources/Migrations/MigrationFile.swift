// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// One file of the `migrations` folder, in dbmate's format: `-- migrate:up`, statements, `-- migrate:down`, statements.
package struct MigrationFile: Hashable, Sendable {
    /// One half of a file.
    package struct Section: Hashable, Sendable {
        /// Everything between the marker's line and the next marker, comments included.
        package let sql: String
        /// False after `transaction:false`: PostgreSQL refuses the statement in a transaction.
        package let isTransactional: Bool
        /// The number of the line in the file, from 1, on which ``sql`` begins.
        package let firstLine: Int

        /// Whether there is no statement in it.
        package var isEmpty: Bool {
            sql.split(whereSeparator: \.isNewline).allSatisfy { line in
                let text = line.drop(while: \.isWhitespace)
                return text.isEmpty || text.hasPrefix("--")
            }
        }
    }

    /// The four digits in front of the name: `0001`.
    ///
    /// As text, they sort like numbers.
    package let version: String
    /// The words behind the version: `create_users`.
    package let name: String
    /// The whole content, of which the checksum is made.
    package let content: String
    package let up: Section
    package let down: Section

    /// The name of the file in its folder.
    package var fileName: String {
        "\(version)_\(name).sql"
    }

    /// The half that runs in `direction`.
    package func section(_ direction: MigrationDirection) -> Section {
        switch direction {
        case .up: up
        case .down: down
        }
    }

    /// Reads a file of the folder.
    ///
    /// - Throws: ``MigrationError`` with code ``MigrationError/Code/malformedFile`` when the name or the content is not
    ///   in the format; the line is named.
    package init(fileName: String, content: String) throws(MigrationError) {
        guard let (version, name) = Self.split(fileName) else {
            throw MigrationError(
                .malformedFile,
                "\(fileName): a migration's name is four digits, an underscore, lower-case words and .sql"
            )
        }
        var sections = MigrationSectionReader(fileName: fileName)
        // By scalars: as characters, "\r\n" is one and no "\n".
        for line in content.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            try sections.read(Substring(line))
        }
        (self.up, self.down) = try sections.finish()
        self.version = version
        self.name = name
        self.content = content
    }

    /// `0001_create_users.sql` in its two parts.
    static func split(_ fileName: String) -> (version: String, name: String)? {
        guard fileName.hasSuffix(".sql") else { return nil }
        let parts = fileName.dropLast(4).split(separator: "_", maxSplits: 1)
        guard
            parts.count == 2,
            parts[0].utf8.count == 4, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
            parts[1].utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") })
        else { return nil }
        return (String(parts[0]), String(parts[1]))
    }
}
