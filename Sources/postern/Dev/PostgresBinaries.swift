// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// Where PostgreSQL's programs are.
struct PostgresBinaries {
    let directory: String

    /// Looks where Debian and Ubuntu put them, newest version first, then in `PATH`.
    ///
    /// `version` is the major version that made the data, the only one that can read them; nil for new data.
    static func find(version: String?) throws -> PostgresBinaries {
        let debian = "/usr/lib/postgresql"
        let installed = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        let versions = version.map { [$0] } ?? installed.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let candidates = versions.map { "\(debian)/\($0)/bin" } + path.split(separator: ":").map(String.init)
        guard let directory = candidates.first(where: { access("\($0)/initdb", X_OK) == 0 }) else {
            throw DevError("PostgreSQL \(version ?? "15 or newer") is not installed: apt-get install postgresql")
        }
        return PostgresBinaries(directory: directory)
    }

    /// The path of one program: `initdb`.
    func path(_ program: String) -> String {
        "\(directory)/\(program)"
    }
}
