// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The folder that the migrations are in.
package struct MigrationDirectory: Sendable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The folder to use when none was named.
    ///
    /// The first of these that exists:
    ///
    /// 1. `migrations` beside the executable: an unpacked archive,
    /// 2. `../share/postern/migrations` from the executable: an installation under a prefix,
    /// 3. `migrations` in the working directory: a checkout.
    ///
    /// - Throws: ``MigrationError`` with code ``MigrationError/Code/noDirectory``, naming the three.
    package static func find() throws(MigrationError) -> MigrationDirectory {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folder = executable.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        let candidates = ["\(folder)/migrations", "\(folder)/../share/postern/migrations", "migrations"]
        for path in candidates {
            var isDirectory = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory {
                return MigrationDirectory(path: path)
            }
        }
        throw MigrationError(
            .noDirectory,
            "there is no folder with migrations at \(candidates.joined(separator: ", ")); name one with --dir"
        )
    }

    /// The migrations of the folder, oldest first.
    ///
    /// Files that do not end in `.sql` do not count, nor does `schema.sql`.
    ///
    /// - Throws: ``MigrationError`` for a folder or file that cannot be read, for a file that is not in the format, and for
    ///   versions that are not 0001 and those that follow it, each once.
    package func load() throws(MigrationError) -> [MigrationFile] {
        var files: [MigrationFile] = []
        for name in try fileNames() {
            guard let text = text(of: name) else {
                throw MigrationError(.malformedFile, "\(path)/\(name) cannot be read as UTF-8")
            }
            let file = try MigrationFile(fileName: name, content: text)
            // What two branches have added must be put in order by somebody, and a file may have got lost.
            let version = Self.version(after: files.last?.version)
            guard file.version == version else {
                throw MigrationError(
                    .malformedFile,
                    "\(path)/\(name): the next migration must have the version \(version)"
                )
            }
            files.append(file)
        }
        guard !files.isEmpty else {
            throw MigrationError(.noDirectory, "the folder \(path) holds no migrations")
        }
        return files
    }

    /// The schema after the newest migration, as `schema.sql` has it; nil when the folder does not.
    package func schema() -> SchemaDump? {
        text(of: Self.schemaFileName).flatMap(SchemaDump.init(text:))
    }

    /// Writes an empty migration with the next version.
    ///
    /// - Parameter name: Lower-case words, joined by underscores.
    /// - Returns: the path of the file.
    /// - Throws: ``MigrationError`` for a name that is not in the format, and a folder that cannot be written.
    package func create(_ name: String) throws(MigrationError) -> String {
        let newest = try fileNames().compactMap { MigrationFile.split($0)?.version }.last
        let fileName = "\(Self.version(after: newest))_\(name).sql"
        guard MigrationFile.split(fileName) != nil else {
            throw MigrationError(.malformedFile, "\(name): a name is lower-case words, joined by underscores")
        }
        let file = "\(path)/\(fileName)"
        do {
            try Data("-- migrate:up\n\n-- migrate:down\n".utf8)
                .write(to: URL(filePath: file), options: .withoutOverwriting)
        } catch {
            throw MigrationError(.noDirectory, "\(file) cannot be written")
        }
        return file
    }

    private static func version(after version: String?) -> String {
        let digits = String((version.flatMap { Int($0) } ?? 0) + 1)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static let schemaFileName = "schema.sql"

    private func fileNames() throws(MigrationError) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw MigrationError(.noDirectory, "the folder \(path) cannot be read")
        }
        return names.filter { $0.hasSuffix(".sql") && $0 != Self.schemaFileName }.sorted()
    }

    private func text(of name: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(name)").flatMap { String(validating: $0, as: UTF8.self) }
    }
}
