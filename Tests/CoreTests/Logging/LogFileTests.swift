// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Testing

struct LogFileTests {
    private let path = "/tmp/postern-log-\(getpid())-\(UInt64.random(in: 0 ... .max))"

    private func write(_ text: String, to file: LogFile) {
        #expect(Glibc.write(file.descriptor, text, text.utf8.count) == text.utf8.count)
    }

    private func contents(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let size = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer.prefix(size), as: UTF8.self)
    }

    @Test func init_appendsToWhatIsThere_andKeepsTheDescriptorToItself() throws {
        defer { unlink(path) }
        write("one\n", to: try LogFile(path: path))
        let file = try LogFile(path: path)
        write("two\n", to: file)
        #expect(contents(of: path) == "one\ntwo\n")
        #expect(fcntl(file.descriptor, F_GETFD) == FD_CLOEXEC)
    }

    @Test func reopen_afterTheFileWasMovedAway_writesToANewOneByTheSameDescriptor() throws {
        let moved = path + ".1"
        defer {
            unlink(path)
            unlink(moved)
        }
        let file = try LogFile(path: path)
        write("old\n", to: file)
        rename(path, moved)
        write("late\n", to: file)
        try file.reopen()
        write("new\n", to: file)
        #expect(contents(of: moved) == "old\nlate\n")
        #expect(contents(of: path) == "new\n")
        #expect(fcntl(file.descriptor, F_GETFD) == FD_CLOEXEC)
    }

    @Test func reopen_whenTheFileCannotBeOpened_goesOnWithTheOldOne() throws {
        let moved = path + ".1"
        defer {
            rmdir(path)
            unlink(moved)
        }
        let file = try LogFile(path: path)
        rename(path, moved)
        mkdir(path, 0o700)
        #expect(throws: SystemCallError("open", code: EISDIR)) { try file.reopen() }
        write("kept\n", to: file)
        #expect(contents(of: moved) == "kept\n")
    }

    @Test func init_inAFolderThatIsNotThere_throws() {
        #expect(throws: SystemCallError("open", code: ENOENT)) { try LogFile(path: "/nowhere/at/all") }
    }
}
