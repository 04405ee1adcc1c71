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
    /// Files that do not end in `.sql` do not count.
    ///
    /// - Throws: ``MigrationError`` for a folder or file that cannot be read, and for a file that is not in the format.
    package func load() throws(MigrationError) -> [MigrationFile] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw MigrationError(.noDirectory, "the folder \(path) cannot be read")
        }
        var files: [MigrationFile] = []
        for name in names.sorted() where name.hasSuffix(".sql") {
            guard
                let content = FileManager.default.contents(atPath: "\(path)/\(name)"),
                let text = String(validating: content, as: UTF8.self)
            else {
                throw MigrationError(.malformedFile, "\(path)/\(name) cannot be read as UTF-8")
            }
            files.append(try MigrationFile(fileName: name, content: text))
        }
        guard !files.isEmpty else {
            throw MigrationError(.noDirectory, "the folder \(path) holds no migrations")
        }
        return files
    }
}
