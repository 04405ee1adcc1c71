// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The folder with the parts of Swagger UI that the documentation page is made of.
struct SwaggerUI {
    /// All that is ever read, so that nothing of a request can name a file.
    enum File: String {
        case style = "swagger-ui.css"
        case script = "swagger-ui-bundle.js"
        case icon = "favicon-32x32.png"
    }

    private let path: String

    /// The folder, when it is installed.
    ///
    /// The first of these that has the script:
    ///
    /// 1. `swagger-ui` beside the executable: an unpacked archive,
    /// 2. `../share/postern/swagger-ui` from the executable: an installation under a prefix,
    /// 3. `.postern/swagger-ui` of the checkout that the executable was built in, where `scripts/assets` puts it.
    ///
    /// Never in the working directory: what lies there must not become a page of ours.
    static func find() -> SwaggerUI? {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folder = executable.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        let candidates = ["swagger-ui", "../share/postern/swagger-ui", "../../../.postern/swagger-ui"]
        return candidates.map { "\(folder)/\($0)" }
            .first { FileManager.default.fileExists(atPath: "\($0)/\(File.script.rawValue)") }
            .map(SwaggerUI.init(path:))
    }

    /// The bytes of `file`; nil when it cannot be read.
    func contents(of file: File) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(path)/\(file.rawValue)").map(Array.init)
    }
}
