// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Supervisor
import Testing

struct InstalledProgramTests {
    /// A folder of its own with `versions/1/bin` and a link `current` to it.
    private final class Folder {
        let path: String

        init() throws {
            var template = Array("/tmp/postern-program-XXXXXX".utf8CString)
            path = try #require(mkdtemp(&template).map { String(cString: $0) })
            for version in ["1", "2"] {
                mkdir("\(path)/\(version)", 0o700)
                close(open("\(path)/\(version)/postern", O_CREAT | O_WRONLY, 0o700))
            }
            symlink("1/postern", "\(path)/postern")
        }

        deinit {
            for name in ["postern", "1/postern", "2/postern"] { unlink("\(path)/\(name)") }
            for name in ["1", "2"] { rmdir("\(path)/\(name)") }
            rmdir(path)
        }
    }

    private let folder: Folder

    init() throws {
        folder = try Folder()
    }

    private func path(invokedAs name: String, searchPath: String = "") -> String {
        InstalledProgram.path(invokedAs: name, searchPath: searchPath, program: "\(folder.path)/1/postern")
    }

    @Test func path_ofALink_isTheLink() {
        #expect(path(invokedAs: "\(folder.path)/postern") == "\(folder.path)/postern")
    }

    @Test func path_ofANameAlone_isTheFirstOfTheSearchPathThatIsTheProgram() {
        let found = path(invokedAs: "postern", searchPath: "/nowhere:\(folder.path)/2:\(folder.path):\(folder.path)/1")
        #expect(found == "\(folder.path)/postern")
    }

    @Test func path_ofARelativeName_isAbsolute() throws {
        let here = try #require(getcwd(nil, 0))
        defer { free(here) }
        let up = String(repeating: "../", count: String(cString: here).split(separator: "/").count)
        let found = path(invokedAs: "\(up)\(folder.path.dropFirst())/1/postern")
        #expect(found == "\(String(cString: here))/\(up)\(folder.path.dropFirst())/1/postern")
    }

    @Test func path_ofANameThatLies_isThatOfTheFile() throws {
        let own = InstalledProgram.path(invokedAs: "\(folder.path)/2/postern", searchPath: "")
        var buffer = [CChar](repeating: 0, count: 4096)
        let size = readlink("/proc/self/exe", &buffer, buffer.count)
        #expect(own == String(decoding: buffer.prefix(size).map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
