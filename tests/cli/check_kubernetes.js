// Holds Kubernetes objects to the published API: their fields and types to the TypeScript declarations that are made from
// the OpenAPI document (kubernetes-types), by the TypeScript compiler, which also refuses fields that the API does not
// know; their formats, as of quantities, to the validators made from it (kubernetes-models).
// Usage: NODE_PATH=DIR/node_modules node check_kubernetes.js < objects.json   (an array); prints findings, exit code 1
'use strict';
const fs = require('fs');
const path = require('path');

const modules = process.env.NODE_PATH;
const objects = JSON.parse(fs.readFileSync(0, 'utf8'));
const apis = {
  'batch/v1 Job': ['kubernetes-types/batch/v1', 'kubernetes-models/batch/v1'],
  'v1 PersistentVolumeClaim': ['kubernetes-types/core/v1', 'kubernetes-models/v1'],
  'v1 Pod': ['kubernetes-types/core/v1', 'kubernetes-models/v1'],
};
// Of the Kubeflow MPI operator 0.6, "V2beta1MPIJobSpec" and the types in it; its pods are those of Kubernetes.
const mpiJob = `
import {PodTemplateSpec} from "kubernetes-types/core/v1";
import {ObjectMeta} from "kubernetes-types/meta/v1";
interface ReplicaSpec {
  replicas?: number;
  restartPolicy?: "Always" | "OnFailure" | "Never" | "ExitCode";
  template: PodTemplateSpec;
}
interface RunPolicy {
  cleanPodPolicy?: "None" | "Running" | "All";
  ttlSecondsAfterFinished?: number;
  activeDeadlineSeconds?: number;
  backoffLimit?: number;
  suspend?: boolean;
}
interface MPIJob {
  apiVersion: "kubeflow.org/v2beta1";
  kind: "MPIJob";
  metadata: ObjectMeta;
  spec: {
    slotsPerWorker?: number;
    runLauncherAsWorker?: boolean;
    runPolicy?: RunPolicy;
    mpiReplicaSpecs: {Launcher: ReplicaSpec; Worker?: ReplicaSpec};
    sshAuthMountPath?: string;
    launcherCreationPolicy?: "AtStartup" | "WaitForWorkersReady";
    mpiImplementation?: "OpenMPI" | "Intel" | "MPICH";
  };
}
`;

function source(object, api) {
  const literal = JSON.stringify(object, null, 1);
  if (object.kind === 'MPIJob') return mpiJob + `export const value: MPIJob = ${literal};\n`;
  return `import {${object.kind}} from "${api[0]}";\nexport const value: ${object.kind} = ${literal};\n`;
}

function compile(sources) {
  const ts = require('typescript');
  const options = {
    noEmit: true, strict: true, types: [], baseUrl: modules, moduleResolution: ts.ModuleResolutionKind.Node10,
    module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2020, skipLibCheck: true, ignoreDeprecations: '5.0',
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name in sources || exists(name);
  host.getSourceFile = (name, target) =>
    name in sources ? ts.createSourceFile(name, sources[name], target) : read(name, target);
  const program = ts.createProgram(Object.keys(sources), options, host);
  return ts.getPreEmitDiagnostics(program).map((found) => {
    const place = found.file ? path.basename(found.file.fileName) + ': ' : '';
    return place + ts.flattenDiagnosticMessageText(found.messageText, '\n  ');
  });
}

const findings = [];
const sources = {};
objects.forEach((object, i) => {
  const name = `${object.apiVersion} ${object.kind}`;
  const api = apis[name];
  if (!api && object.kind !== 'MPIJob') {
    findings.push(`${i}: ${name} is not known here`);
    return;
  }
  sources[path.join(modules, `object-${i}.ts`)] = source(object, api);
  const bodies = api ? [[api[1], object.kind, object]] :
    Object.values(object.spec.mpiReplicaSpecs).map((replica) =>
      ['kubernetes-models/v1', 'Pod', {apiVersion: 'v1', kind: 'Pod', ...replica.template}]);
  for (const [module_, kind, body] of bodies) {
    try {
      new (require(module_)[kind])(body).validate();
    } catch (refused) {
      findings.push(`${i}: ${refused.message}`);
    }
  }
});
findings.push(...compile(sources));
findings.forEach((one) => console.log(one));
process.exit(findings.length ? 1 : 0);
