// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Migrations
import Testing

@Suite struct MigrationDirectoryTests {
    /// The folder of this repository: what is released.
    private let folder = MigrationDirectory(
        path: #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/migrations"
    )

    @Test func load_readsTheReleasedMigrations_withoutAGap() throws {
        let files = try folder.load()
        let numbers = files.compactMap { Int($0.version) }
        #expect(numbers == Array(1...files.count))
    }

    @Test func load_endsWithTheVersionThatWorkersAskFor() throws {
        #expect(try folder.load().last?.version == SchemaVersion.required)
    }

    @Test func load_whenThereIsNoFolder_throws() {
        let error = #expect(throws: MigrationError.self) {
            try MigrationDirectory(path: "/nowhere/at/all").load()
        }
        #expect(error?.code == .noDirectory)
    }

    @Test func load_sortsAndPassesOverOtherFiles() throws {
        try inTemporaryFolder { path in
            try write("-- migrate:up\nselect 2;\n-- migrate:down\n", to: "\(path)/0002_b.sql")
            try write("-- migrate:up\nselect 1;\n-- migrate:down\n", to: "\(path)/0001_a.sql")
            try write("no migration", to: "\(path)/README.md")
            #expect(try MigrationDirectory(path: path).load().map(\.fileName) == ["0001_a.sql", "0002_b.sql"])
        }
    }

    @Test func load_whenASQLFileIsMisnamed_throws() throws {
        try inTemporaryFolder { path in
            try write("-- migrate:up\nselect 1;\n-- migrate:down\n", to: "\(path)/add_things.sql")
            let error = #expect(throws: MigrationError.self) { try MigrationDirectory(path: path).load() }
            #expect(error?.code == .malformedFile)
        }
    }

    @Test func load_whenTheFolderIsEmpty_throws() throws {
        try inTemporaryFolder { path in
            let error = #expect(throws: MigrationError.self) { try MigrationDirectory(path: path).load() }
            #expect(error?.code == .noDirectory)
        }
    }

    private func inTemporaryFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("postern-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }
}
