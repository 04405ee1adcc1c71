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
        try inTemporaryFolder { path throws in
            try write("-- migrate:up\nselect 2;\n-- migrate:down\n", to: "\(path)/0002_b.sql")
            try write("-- migrate:up\nselect 1;\n-- migrate:down\n", to: "\(path)/0001_a.sql")
            try write("no migration", to: "\(path)/README.md")
            try write("no migration either", to: "\(path)/schema.sql")
            #expect(try MigrationDirectory(path: path).load().map(\.fileName) == ["0001_a.sql", "0002_b.sql"])
        }
    }

    @Test(arguments: [["0002_a"], ["0001_a", "0003_c"], ["0001_a", "0001_b"], ["0000_a", "0001_b"]])
    func load_whenAVersionIsMissingOrThereTwice_throws(names: [String]) throws {
        try inTemporaryFolder { path throws in
            for name in names { try write("-- migrate:up\nselect 1;\n-- migrate:down\n", to: "\(path)/\(name).sql") }
            let error = #expect(throws: MigrationError.self) { try MigrationDirectory(path: path).load() }
            #expect(error?.code == .malformedFile)
            #expect(error?.description.contains("the next migration must have the version 000") == true)
        }
    }

    @Test func load_whenASQLFileIsMisnamed_throws() throws {
        try inTemporaryFolder { path throws in
            try write("-- migrate:up\nselect 1;\n-- migrate:down\n", to: "\(path)/add_things.sql")
            let error = #expect(throws: MigrationError.self) { try MigrationDirectory(path: path).load() }
            #expect(error?.code == .malformedFile)
        }
    }

    @Test func load_whenTheFolderIsEmpty_throws() throws {
        try inTemporaryFolder { path throws in
            let error = #expect(throws: MigrationError.self) { try MigrationDirectory(path: path).load() }
            #expect(error?.code == .noDirectory)
        }
    }

    @Test func create_writesTheNextFile_andTwiceTheOneAfter() throws {
        try inTemporaryFolder { path throws in
            let folder = MigrationDirectory(path: path)
            #expect(try folder.create("add_widgets") == "\(path)/0001_add_widgets.sql")
            try write("-- migrate:up\nselect 1;\n-- migrate:down\n", to: "\(path)/0041_a.sql")
            try write("", to: "\(path)/todo.sql")
            #expect(try folder.create("add_gadgets") == "\(path)/0042_add_gadgets.sql")
            // It has no statement yet, and is nothing to apply by mistake.
            let error = #expect(throws: MigrationError.self) { try folder.load() }
            #expect(error?.description.contains("0001_add_widgets.sql") == true)
        }
    }

    @Test(arguments: ["", "Add_widgets", "add widgets", "add-widgets", "../up", "a/b"])
    func create_whenTheNameIsNotInTheFormat_writesNothing(name: String) throws {
        try inTemporaryFolder { path throws in
            let error = #expect(throws: MigrationError.self) { try MigrationDirectory(path: path).create(name) }
            #expect(error?.code == .malformedFile)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
        }
    }

    @Test func create_afterTheLastNumber_throws() throws {
        try inTemporaryFolder { path throws in
            try write("-- migrate:up\nselect 1;\n-- migrate:down\n", to: "\(path)/9999_a.sql")
            #expect(throws: MigrationError.self) { try MigrationDirectory(path: path).create("b") }
        }
    }

    @Test func schema_isThatOfTheNewestMigration() throws {
        #expect(try folder.schema()?.version == folder.load().last?.version)
    }

    @Test func schema_whenTheFileIsSomethingElse_isNone() throws {
        try inTemporaryFolder { path throws in
            #expect(MigrationDirectory(path: path).schema() == nil)
            try write("create table a ();", to: "\(path)/schema.sql")
            #expect(MigrationDirectory(path: path).schema() == nil)
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
