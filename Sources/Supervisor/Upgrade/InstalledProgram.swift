// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where the program that runs was started from: what stands there now may be another release.
package enum InstalledProgram {
    /// Links to the program that runs, even when its file was replaced since.
    package static let running = "/proc/self/exe"

    /// The absolute path of the program.
    ///
    /// It is the path that somebody asked for, so that a symbolic link that is switched to another release counts. Only
    /// when that leads to no file, or to another, is it the path of the file itself.
    /// - Parameters:
    ///   - name: The name that the program was started under, from which a shell searches in `searchPath`.
    ///   - searchPath: Folders, separated by colons.
    ///   - program: The file of the program that runs.
    /// - Returns: The path.
    package static func path(
        invokedAs name: String,
        searchPath: String = getenv("PATH").map { String(cString: $0) } ?? "",
        program: String = running
    ) -> String {
        let candidates =
            name.contains("/")
            ? [name] : searchPath.split(separator: ":").map { "\($0)/\(name)" }
        let identity = FileIdentity(path: program, followingLinks: true)
        let found = candidates.map(absolute).first { FileIdentity(path: $0, followingLinks: true) == identity }
        return found ?? file(of: program)
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }

    /// The path behind a link of the system, without what it says of a file that was removed since (proc(5)).
    static func file(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let size = readlink(link, &buffer, buffer.count)
        guard size > 0 else { return link }
        let path = String(decoding: buffer.prefix(size).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let deleted = " (deleted)"
        return path.hasSuffix(deleted) ? String(path.dropLast(deleted.count)) : path
    }
}
