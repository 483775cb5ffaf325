// The peer in Go: the same three edits on every Deployment that wants them, on kyaml, as most KRM functions are written.
package main

import (
	"os"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const (
	volume   = "name: local-ca\nconfigMap:\n  name: lab-ca\n  optional: true\n"
	mount    = "name: local-ca\nmountPath: /etc/ssl/local-ca\nreadOnly: true\n"
	variable = "name: SSL_CERT_DIR\nvalue: /etc/ssl/local-ca\n"
)

func add(to *yaml.RNode, text string, path ...string) error {
	return to.PipeE(yaml.LookupCreate(yaml.SequenceNode, path...), yaml.Append(yaml.MustParse(text).YNode()))
}

func wire(items []*yaml.RNode) ([]*yaml.RNode, error) {
	for _, item := range items {
		if item.GetKind() != "Deployment" || item.GetLabels()["ca"] != "inject" {
			continue
		}
		if err := add(item, volume, "spec", "template", "spec", "volumes"); err != nil {
			return nil, err
		}
		containers, err := item.Pipe(yaml.Lookup("spec", "template", "spec", "containers"))
		if err != nil || containers == nil {
			return nil, err
		}
		err = containers.VisitElements(func(container *yaml.RNode) error {
			if err := add(container, variable, "env"); err != nil {
				return err
			}
			return add(container, mount, "volumeMounts")
		})
		if err != nil {
			return nil, err
		}
	}
	return items, nil
}

func main() {
	list := &kio.ByteReadWriter{Reader: os.Stdin, Writer: os.Stdout, KeepReaderAnnotations: true}
	pipeline := kio.Pipeline{Inputs: []kio.Reader{list}, Filters: []kio.Filter{kio.FilterFunc(wire)}, Outputs: []kio.Writer{list}}
	if err := pipeline.Execute(); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
